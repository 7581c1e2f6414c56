//! Checks the layers of the program: a module imports only from those to its left.
//!
//! ```text
//!     sigmascope-core, sigmascope-io → color → gpu → figure → session → app → cli
//! ```
//!
//! The sources are read as Rust reads them, token by token, so that comments and strings do not
//! count, and inline paths, macros' arguments and nested braces do.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// Left to right. The command line may use the window, to open it.
const LAYERS: [&str; 6] = ["color", "gpu", "figure", "session", "app", "cli"];

/// What the crate's root passes on from `sigmascope-core` and `sigmascope-io`: every layer may use it.
const BELOW: [&str; 12] = [
    "criteria",
    "engine",
    "escape",
    "io",
    "memory",
    "model",
    "numbers",
    "plane",
    "sampling",
    "scheduler",
    "selection",
    "space",
];

/// Crates that only one layer knows.
const KEPT: [(&str, &str); 6] = [
    ("eframe", "app"),
    ("egui", "app"),
    ("egui_plot", "app"),
    ("egui_wgpu", "app"),
    ("wgpu", "gpu"),
    ("clap", "cli"),
];

fn source_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// What breaks the layers in the source of one module: `["session", "worker"]`, or `[]` for
/// the crate's root.
fn problems_of(module: &[&str], source: &str) -> Vec<String> {
    let mut checker = Checker { module, problems: Vec::new() };
    match source.parse::<TokenStream>() {
        Ok(tokens) => checker.walk(tokens, 0, false),
        Err(err) => checker.problems.push(format!("cannot be read: {err}")),
    }
    checker.problems
}

struct Checker<'a> {
    module: &'a [&'a str],
    problems: Vec<String>,
}

/// `first::second::{…}`, `first::*` or `first as …`.
struct PathFound {
    words: Vec<String>,
    tail: Option<Tail>,
}

enum Tail {
    List(Group),
    Everything,
    Renamed,
}

impl Checker<'_> {
    /// Looks at every path in `tokens`, `inner` inline modules deep, inside a `use` or not.
    fn walk(&mut self, tokens: TokenStream, inner: usize, in_use: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut imports = in_use;
        let mut i = 0;
        while i < tokens.len() {
            match &tokens[i] {
                TokenTree::Group(group) => {
                    let is_module = i >= 2 && is_word(&tokens[i - 2], "mod");
                    self.walk(group.stream(), inner + usize::from(is_module), in_use);
                    i += 1;
                }
                TokenTree::Ident(word) if word == "use" => {
                    imports = true;
                    i += 1;
                }
                TokenTree::Ident(_) => {
                    let (path, next) = path_at(&tokens, i);
                    self.check_path(path, inner, imports);
                    i = next;
                }
                token => {
                    if is_char(token, ';') {
                        imports = in_use;
                    }
                    i += 1;
                }
            }
        }
    }

    fn check_path(&mut self, path: PathFound, inner: usize, imports: bool) {
        let PathFound { words, tail } = path;
        let depth = self.module.len() + inner;
        let supers = words.iter().filter(|word| *word == "super").count();
        let relative = words.iter().take_while(|word| *word == "super" || *word == "self").count();
        let from_root = words[0] == "crate" || (supers >= depth && relative > 0);
        if !from_root {
            if words.len() > 1 || tail.is_some() || imports {
                for word in &words {
                    self.check_crate(word);
                }
            }
            if let Some(Tail::List(group)) = tail {
                self.walk(group.stream(), inner, imports);
            }
            return;
        }
        match (words.get(relative.max(1)), tail) {
            (Some(layer), tail) => {
                self.check_layer(layer);
                if let Some(Tail::List(group)) = tail {
                    self.walk(group.stream(), inner, imports);
                }
            }
            (None, Some(Tail::List(group))) => self.check_list(&group),
            (None, Some(Tail::Everything | Tail::Renamed)) => {
                self.problems.push("imports everything, which hides what it uses".to_owned());
            }
            // `pub(crate)` and the like.
            (None, None) => {}
        }
    }

    /// Each entry of `{a::b, c::{d, e}}`, where the braces follow the crate's root.
    fn check_list(&mut self, list: &Group) {
        let tokens: Vec<TokenTree> = list.stream().into_iter().collect();
        for entry in tokens.split(|token| is_char(token, ',')) {
            match entry.first() {
                Some(TokenTree::Ident(word)) if word != "self" => {
                    self.check_layer(&word.to_string());
                }
                Some(_) => self.problems.push("imports the crate's root".to_owned()),
                None => {}
            }
        }
    }

    fn check_layer(&mut self, name: &str) {
        let Some(own) = self.module.first() else { return };
        let place = |name: &str| LAYERS.iter().position(|layer| *layer == name);
        match (place(own), place(name)) {
            (Some(here), Some(there)) if there <= here => {}
            (Some(_), None) if BELOW.contains(&name) => {}
            (Some(_), Some(_)) => self.problems.push(format!("{own} imports from {name}")),
            (None, _) => self.problems.push(format!("{own} is no layer of the design")),
            (_, None) => self.problems.push(format!("imports {name}, which is no layer")),
        }
    }

    fn check_crate(&mut self, name: &str) {
        let Some((_, layer)) = KEPT.iter().find(|(kept, _)| *kept == name) else { return };
        match self.module.first() {
            Some(own) if own == layer => {}
            // `main` parses the command line.
            None if name == "clap" => {}
            _ => self.problems.push(format!("uses {name}, which only {layer} knows")),
        }
    }
}

/// The path that starts at the word `tokens[start]`, and where it ends.
fn path_at(tokens: &[TokenTree], start: usize) -> (PathFound, usize) {
    let mut words = vec![tokens[start].to_string()];
    let mut end = start + 1;
    let mut tail = None;
    while is_double_colon(tokens, end) {
        match tokens.get(end + 2) {
            Some(TokenTree::Ident(word)) => words.push(word.to_string()),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                tail = Some(Tail::List(group.clone()));
            }
            Some(token) if is_char(token, '*') => tail = Some(Tail::Everything),
            // Generic arguments: what follows is looked at by itself.
            _ => break,
        }
        end += 3;
        if tail.is_some() {
            break;
        }
    }
    if tokens.get(end).is_some_and(|token| is_word(token, "as")) && words == ["crate"] {
        tail = Some(Tail::Renamed);
    }
    (PathFound { words, tail }, end)
}

fn is_word(token: &TokenTree, wanted: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word == wanted)
}

fn is_char(token: &TokenTree, wanted: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == wanted)
}

fn is_double_colon(tokens: &[TokenTree], i: usize) -> bool {
    tokens.get(i..i + 2).is_some_and(|pair| pair.iter().all(|token| is_char(token, ':')))
}

/// Every Rust file under `folder`.
fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files
}

/// `src/session/worker.rs` is `["session", "worker"]`, `src/session/mod.rs` is `["session"]`.
fn module_of(path: &Path) -> Vec<String> {
    let inside = path.strip_prefix(source_root()).expect("a path in src").with_extension("");
    let mut module: Vec<String> =
        inside.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let last = module.last().map(String::as_str);
    if last == Some("mod") || (module.len() == 1 && matches!(last, Some("lib" | "main"))) {
        module.pop();
    }
    module
}

#[test]
fn every_module_imports_only_from_its_left() {
    let files = rust_files(&source_root());
    assert!(files.len() > 40, "only {} sources were found", files.len());
    let mut problems = Vec::new();
    for path in files {
        let module = module_of(&path);
        let module: Vec<&str> = module.iter().map(String::as_str).collect();
        let source = std::fs::read_to_string(&path).expect("a source");
        for problem in problems_of(&module, &source) {
            problems.push(format!("{}: {problem}", path.display()));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_library_lists_its_modules_in_the_order_of_the_layers() {
    let library = std::fs::read_to_string(source_root().join("lib.rs")).expect("lib.rs");
    let listed: Vec<&str> = library
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .collect();
    assert_eq!(listed, LAYERS, "each module is a layer, and they stand in order");
}

#[test]
fn a_wrong_import_is_caught_however_it_is_written() {
    let cases: &[(&[&str], &str)] = &[
        (&["color", "scale"], "use crate::session::Session;"),
        (&["color"], "use crate::{model::Points, gpu::{Gpu, GpuError}};"),
        (&["color"], "pub(crate) use crate::{model, gpu::{self, Gpu}, figure as pictures};"),
        (&["gpu"], "fn f() -> usize { crate::app::run() }"),
        (&["gpu"], r#"fn f() { println!("{}", [crate::session::files::COUNT][0]); }"#),
        (&["gpu", "field"], "use super::super::cli::Cli;"),
        (&["gpu", "field"], "mod tests { use super::super::super::{session::Scene}; }"),
        (&["session"], "type Window = Vec<crate::app::Startup>;"),
        (&["app"], "use crate::cli::Failure;"),
        (&["color"], "use crate::*;"),
        (&["color"], "use crate as everything;"),
        (&["color"], "use crate::{self as everything};"),
        (&["figure"], "use eframe::egui::Color32;"),
        (&["figure"], "fn f(c: egui::Color32) {}"),
        (&["session"], "use eframe::{egui, App};"),
        (&["app", "plot"], "fn f(device: &wgpu::Device) {}"),
        (&["app", "plot"], "use eframe::{egui, wgpu};"),
        (&["session"], "use wgpu;"),
        (&["color"], "#[derive(clap::ValueEnum)] enum E {}"),
        (&["helpers"], "use crate::model::Params;"),
    ];
    for (module, source) in cases {
        assert!(!problems_of(module, source).is_empty(), "{module:?} may not say: {source}");
    }
}

#[test]
fn what_is_allowed_or_only_mentioned_is_not_caught() {
    let cases: &[(&[&str], &str)] = &[
        (&["session", "worker"], "use crate::{model::Params, gpu::{Gpu, field::{self, Field}}};"),
        (&["session", "worker"], "use super::{files, request::{Keep, Request}};"),
        (&["session", "worker"], "mod tests { use super::*; use super::super::Scene; }"),
        (&["color"], "// use crate::app::run;\n/* crate::cli */ fn f() {}"),
        (&["color"], "/// See [`crate::app`] and `wgpu::Device`.\npub struct S;"),
        (&["color"], r#"const S: &str = "crate::app::run() with egui::Ui";"#),
        (&["color"], "pub(crate) fn app(session: u32) -> u32 { session }"),
        (&["gpu", "device"], "pub use wgpu::{Adapter, Device};"),
        (&["app", "plot"], "use eframe::egui::{self, Ui}; fn f(gpu: crate::gpu::Device) {}"),
        (&["cli"], "use clap::Parser; use crate::{app::{self, Startup}, session};"),
        (&[], "use clap::Parser; use sigmascope::cli::Cli;"),
    ];
    for (module, source) in cases {
        assert_eq!(problems_of(module, source), [""; 0], "{module:?} may say: {source}");
    }
}
