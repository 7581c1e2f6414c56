//! The jobs that write documents and read them.

use std::path::{Path, PathBuf};

use super::{
    DocumentError, Notice, NoticeKind, Outcome, PictureSpec, Restored, SavedWith, Scene,
    command_line::command_from,
    document::Document,
    files::{Output, Replace, WriteError, full_path},
    job::Done,
};
use crate::{escape::escaped_path, gpu::Gpu, model::Params};

/// The document of a picture of `scene`, as JSON for whatever carries it. It reads the files of the input.
///
/// # Errors
/// When it would be too long to be read again.
pub(super) fn document_json(
    document: &SavedWith,
    scene: &Scene,
    spec: &PictureSpec,
    gpu: &Gpu,
) -> Result<String, DocumentError> {
    let params = Params { view: spec.look, ..scene.params.clone() };
    document.document(params, Some(scene), gpu, Some(spec.page.clone())).json()
}

/// The document of what is on screen, as JSON.
pub(super) fn save_session(
    params: Params,
    scene: Option<&Scene>,
    document: &SavedWith,
    gpu: &Gpu,
) -> Result<String, DocumentError> {
    document.document(params, scene, gpu, None).json()
}

/// Reads the document in a file.
pub(super) fn open_document(path: &Path, given: &[(String, PathBuf)]) -> Result<Done, Notice> {
    let restored = Restored::read(path, given).map_err(|err| Notice {
        kind: NoticeKind::BadInput,
        text: format!("{}: {err}", escaped_path(&full_path(path))),
    })?;
    Ok(Done { told: None, outcome: Some(Outcome::Document(Box::new(restored))) })
}

/// Writes a session to the first free name in the current folder; hands over the command that draws it again
/// as the file `out`.
pub(super) fn copy_command(
    document: &Document,
    out: &str,
    unsaid: &[&str],
) -> Result<Done, Notice> {
    let failed = |reason: &dyn std::fmt::Display| Notice {
        kind: NoticeKind::Failed,
        text: format!("the command was not copied: {reason}"),
    };
    let json = document.json().map_err(|err| failed(&err))?;
    let mut number = 1;
    let path = loop {
        let path = full_path(Path::new(&format!("session-{number}.sigmascope")));
        match Output::open(&path, Replace::No).and_then(|output| output.finish(json.as_bytes())) {
            Ok(()) => break path,
            Err(WriteError::Exists(_)) => number += 1,
            Err(err) => return Err(failed(&err)),
        }
    };
    let command = path.to_str().and_then(|session| command_from(session, out));
    let command = command.ok_or_else(|| failed(&"the name of the current folder is no text"))?;
    let told = format!(
        "Copied the command; flags cannot say {}: it draws {}, which was saved for it",
        unsaid.join(", nor "),
        escaped_path(&path)
    );
    Ok(Done { told: Some(told), outcome: Some(Outcome::Text(command)) })
}
