//! The jobs that write documents and read them.

use std::path::Path;

use super::{
    DocumentError, Given, Notice, NoticeKind, Outcome, PictureSpec, Restored, SavedWith, Scene,
    document::{Page, embed_in_png},
    files::full_path,
    job::Done,
};
use crate::{escape::escaped_path, gpu::Gpu, model::Params};

/// The bytes of a PNG file of `scene` with its document, and what is to be told of that.
pub(super) fn with_document(
    png: Vec<u8>,
    document: Option<&SavedWith>,
    scene: &Scene,
    spec: &PictureSpec,
    gpu: &Gpu,
) -> (Vec<u8>, String) {
    let Some(document) = document else { return (png, String::new()) };
    match document_json(document, scene, spec, gpu) {
        Ok(json) => (embed_in_png(&png, &json), String::new()),
        Err(err) => (png, format!("; it cannot be opened again: {err}")),
    }
}

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
    document.document(params, Some(scene), gpu, Some(Page::from(spec))).json()
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
pub(super) fn open_document(path: &Path, given: &Given) -> Result<Done, Notice> {
    let restored = Restored::read(path, given).map_err(|err| Notice {
        kind: NoticeKind::BadInput,
        text: format!("{}: {err}", escaped_path(&full_path(path))),
    })?;
    Ok(Done { told: None, outcome: Some(Outcome::Document(Box::new(restored))) })
}
