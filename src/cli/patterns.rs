//! Names of files with a `*`, where the shell has left them as they are.

use std::path::{Path, PathBuf};

use crate::escape::escaped_path;

/// The files that these names mean: each by itself, or all of a folder whose names fit one with `*` in its
/// last part, sorted.
///
/// # Errors
/// When no file fits such a name.
pub(super) fn expanded(names: &[PathBuf]) -> Result<Vec<PathBuf>, String> {
    let mut files = Vec::new();
    for name in names {
        match pattern(name) {
            Some(pattern) if !name.exists() => {
                let found = fitting(name, &pattern);
                if found.is_empty() {
                    return Err(format!(
                        "{}: no file has such a name: expected at least one; check the folder",
                        escaped_path(name)
                    ));
                }
                files.extend(found);
            }
            _ => files.push(name.clone()),
        }
    }
    Ok(files)
}

/// The last part of a name, if there is a `*` in it.
fn pattern(name: &Path) -> Option<String> {
    let last = name.file_name()?.to_str()?;
    last.contains('*').then(|| last.to_owned())
}

fn fitting(name: &Path, pattern: &str) -> Vec<PathBuf> {
    let folder = name.parent().filter(|folder| !folder.as_os_str().is_empty());
    let Ok(entries) = std::fs::read_dir(folder.unwrap_or(Path::new("."))) else {
        return Vec::new();
    };
    let mut found: Vec<PathBuf> = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name().to_str().is_some_and(|name| fits(name, pattern)))
        .map(|entry| name.with_file_name(entry.file_name()))
        .filter(|path| path.is_file())
        .collect();
    found.sort();
    found
}

/// Whether a name is the pattern with any letters, or none, in place of each `*`. As in a shell, a point at
/// the beginning must be written.
fn fits(name: &str, pattern: &str) -> bool {
    let parts: Vec<&str> = pattern.split('*').collect();
    let (first, last) = (parts[0], parts[parts.len() - 1]);
    if name.starts_with('.') && !first.starts_with('.') || name.len() < first.len() + last.len() {
        return false;
    }
    let Some(mut rest) = name.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
        return false;
    };
    for part in &parts[1..parts.len() - 1] {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_any_letters() {
        for (name, pattern, is_one) in [
            ("part-1.parquet", "*.parquet", true),
            ("part-1.parquet", "part-*.par*", true),
            ("a.csv", "a*.csv", true),
            (".a.csv", "*.csv", false),
            ("abc", "a*b*c", true),
            ("ac", "a*b*c", false),
            ("aa", "aa*aa", false),
        ] {
            assert_eq!(fits(name, pattern), is_one, "{name} {pattern}");
        }
    }

    #[test]
    fn files_of_a_folder_come_sorted() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["b.csv", "a.csv", "c.txt"] {
            std::fs::write(folder.path().join(name), "1,2\n").expect("written");
        }
        let found = expanded(&[folder.path().join("*.csv")]).expect("two");
        assert_eq!(found, [folder.path().join("a.csv"), folder.path().join("b.csv")]);
        assert!(expanded(&[folder.path().join("*.npy")]).is_err());
        assert_eq!(expanded(&["none".into()]), Ok(vec!["none".into()]));
    }
}
