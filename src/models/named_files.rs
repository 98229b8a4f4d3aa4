//! Files that a prompt names: LoRAs and textual inversions.
//!
//! A prompt may come from anywhere, such as the settings of a downloaded picture. So what it says is only
//! compared with the names of files in the folder that the person chose; no path is made of it.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::engine::{Error, LoraFile};

/// How many folders deep files are looked for.
const DEEPEST: usize = 8;
/// How many entries of folders are looked at.
const MOST: usize = 100_000;

/// A file in a folder or its subfolders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// The file's name without its ending.
    pub name: String,
    /// Its path within the folder, with `/` between the parts and without its ending.
    pub inside: String,
    /// Where it is.
    pub path: PathBuf,
}

/// The files with one of these endings in a folder and its subfolders, links followed; those less deep
/// come first, then by name. None where there is no folder.
pub fn files_in(folder: &Path, endings: &[&str]) -> Vec<NamedFile> {
    let mut found = Vec::new();
    let (mut level, mut seen, mut left) = (vec![(folder.to_path_buf(), String::new())], HashSet::new(), MOST);
    for _ in 0..DEEPEST {
        let mut below = Vec::new();
        for (folder, inside) in std::mem::take(&mut level) {
            // A link may lead back to a folder that was looked through already.
            if !folder.canonicalize().is_ok_and(|real| seen.insert(real)) {
                continue;
            }
            let mut entries: Vec<PathBuf> = std::fs::read_dir(&folder)
                .into_iter()
                .flatten()
                .flatten()
                .map(|entry| entry.path())
                .take(left)
                .collect();
            left -= entries.len();
            entries.sort();
            for path in entries {
                let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                if path.is_dir() {
                    below.push((path, format!("{inside}{file}/")));
                } else if let Some((name, ending)) = file.rsplit_once('.')
                    && !name.is_empty()
                    && endings.iter().any(|known| ending.eq_ignore_ascii_case(known))
                    && path.is_file()
                {
                    found.push(NamedFile { name: name.to_owned(), inside: format!("{inside}{name}"), path });
                }
            }
        }
        level = below;
    }
    found
}

/// What to write in a prompt for each file with one of these endings in a folder and its subfolders, in the
/// order of the alphabet: its name, or its path within the folder where a file less deep has the same name.
pub fn names_in_folder(folder: &Path, endings: &[&str]) -> Vec<String> {
    let mut seen = HashSet::new();
    let name = |file: NamedFile| if seen.insert(file.name.to_lowercase()) { file.name } else { file.inside };
    let mut names: Vec<String> = files_in(folder, endings).into_iter().map(name).collect();
    names.sort_by_key(|name| name.to_lowercase());
    names.dedup();
    names
}

/// Finds the file that a prompt calls `name`: by its name with or without its ending, or by its path
/// within the folder; if there is none, by the same in any case. `elsewhere` lists files outside the folder under
/// their names; those in the folder come first.
///
/// # Errors
/// A name that is a path, or that no file has. `what` says what is named: "LoRA".
pub fn find_named(
    name: &str,
    folder: Option<&Path>,
    elsewhere: &[LoraFile],
    endings: &[&str],
    what: &str,
) -> Result<PathBuf, Error> {
    let name = name.replace('\\', "/");
    if name.starts_with('/') || name.contains(':') || name.split('/').any(|part| part == "..") {
        return Err(Error::Setting(format!(
            "The prompt names the {what} {name:?} by a path, and only names of files in the {what} folder are read; put the file there and write its name."
        )));
    }
    let mut files = folder.map(|folder| files_in(folder, endings)).unwrap_or_default();
    files.extend(elsewhere.iter().map(|LoraFile { name, path }| NamedFile {
        name: name.clone(),
        inside: name.clone(),
        path: path.clone(),
    }));
    let stem = name.rsplit_once('.').filter(|(_, end)| endings.iter().any(|known| end.eq_ignore_ascii_case(known)));
    let written = stem.map_or(name.as_str(), |(stem, _)| stem);
    let with = |same: &dyn Fn(&str) -> bool| files.iter().find(|file| same(&file.inside) || same(&file.name));
    // A name may itself end like a file: the whole of it comes first.
    let candidates = [name.as_str(), written];
    let exact = candidates.iter().find_map(|wanted| with(&|own| own == *wanted));
    let found = exact.or_else(|| {
        let lower = |text: &str| text.to_lowercase();
        candidates.iter().find_map(|wanted| with(&|own| lower(own) == lower(wanted)))
    });
    found.map(|file| file.path.clone()).ok_or_else(|| {
        Error::Setting(match folder {
            Some(folder) => format!(
                "The prompt names the {what} {name:?}, and no file in {} is called that; put it there, or take the name out of the prompt.",
                folder.display()
            ),
            None => format!("The prompt names the {what} {name:?}, and no folder of {what}s was given."),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("folder");
        for file in [
            "ink.safetensors",
            "Paper Cut.SAFETENSORS",
            "v1.5.safetensors",
            "notes.txt",
            "style/Ink.safetensors",
            "style/deep/oil.pt",
        ] {
            let path = folder.path().join(file);
            std::fs::create_dir_all(path.parent().expect("folder")).expect("folder");
            std::fs::write(path, "x").expect("writes");
        }
        folder
    }

    fn find(folder: &Path, name: &str) -> Result<String, String> {
        find_named(name, Some(folder), &[], &["safetensors", "pt"], "LoRA")
            .map(|path| path.strip_prefix(folder).expect("inside").to_string_lossy().replace('\\', "/"))
            .map_err(|e| e.to_string())
    }

    #[test]
    fn files_elsewhere_are_found_by_name_after_those_in_the_folder() {
        let folder = folder();
        let file = |name: &str| LoraFile { name: name.into(), path: format!("/cache/{name}").into() };
        let elsewhere = [file("ink"), file("lcm-lora-sdv1-5")];
        let find = |name: &str, folder: Option<&Path>| find_named(name, folder, &elsewhere, &["safetensors"], "LoRA");
        assert_eq!(find("ink", Some(folder.path())).expect("in the folder"), folder.path().join("ink.safetensors"));
        for name in ["lcm-lora-sdv1-5", "LCM-LoRA-SDv1-5"] {
            assert_eq!(find(name, Some(folder.path())).expect("elsewhere"), Path::new("/cache/lcm-lora-sdv1-5"));
        }
        assert_eq!(find("ink", None).expect("elsewhere"), Path::new("/cache/ink"));
        assert!(find("oil", None).is_err());
    }

    #[test]
    fn names_are_found_in_the_folder_and_its_subfolders() {
        let folder = folder();
        for (name, path) in [
            ("ink", "ink.safetensors"),
            ("ink.safetensors", "ink.safetensors"),
            ("INK", "ink.safetensors"),
            ("Ink", "style/Ink.safetensors"),
            ("style/ink", "style/Ink.safetensors"),
            ("style\\Ink", "style/Ink.safetensors"),
            ("paper cut", "Paper Cut.SAFETENSORS"),
            ("v1.5", "v1.5.safetensors"),
            ("oil", "style/deep/oil.pt"),
        ] {
            assert_eq!(find(folder.path(), name).as_deref(), Ok(path), "{name}");
        }
    }

    #[test]
    fn the_listed_names_are_those_that_are_found() {
        let folder = folder();
        let names = names_in_folder(folder.path(), &["safetensors", "pt"]);
        assert_eq!(names, ["ink", "oil", "Paper Cut", "style/Ink", "v1.5"]);
        for name in names {
            find(folder.path(), &name).expect("is found");
        }
        assert!(names_in_folder(&folder.path().join("none"), &["pt"]).is_empty());
    }

    #[test]
    fn paths_are_refused_even_where_they_lead_to_a_file() {
        let folder = folder();
        let outside = tempfile::tempdir().expect("folder");
        std::fs::write(outside.path().join("out.safetensors"), "x").expect("writes");
        let absolute = outside.path().join("out.safetensors").display().to_string();
        let up = format!("../{}/out", outside.path().file_name().expect("name").to_string_lossy());
        for name in [&absolute, &up, r"\\server\share\out", "//server/share/out", r"C:\out", "style/../ink", "file://x"]
        {
            let text = find(folder.path(), name).expect_err(name);
            assert!(text.contains("by a path"), "{text}");
        }
        for name in ["out", "notes", "style", "", "."] {
            let text = find(folder.path(), name).expect_err(name);
            assert!(text.contains("no file in"), "{text}");
        }
        let text = find_named("ink", None, &[], &["pt"], "LoRA").expect_err("no folder").to_string();
        assert!(text.contains("no folder"), "{text}");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_circles_of_them_end() {
        let folder = folder();
        std::os::unix::fs::symlink(folder.path(), folder.path().join("style/again")).expect("links");
        std::os::unix::fs::symlink(folder.path().join("ink.safetensors"), folder.path().join("link.safetensors"))
            .expect("links");
        assert_eq!(find(folder.path(), "link").as_deref(), Ok("link.safetensors"));
        assert_eq!(files_in(folder.path(), &["safetensors", "pt"]).len(), 6);
    }
}
