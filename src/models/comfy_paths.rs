//! The folders that ComfyUI's `extra_model_paths.yaml` names.
//!
//! The file is a mapping of groups, each with a `base_path` and lines such as `loras: models/Lora`; a value of
//! several lines, or a list, names several folders.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use saphyr_parser::{Event, Parser};

/// The longest file that is read, in bytes.
const LONGEST: u64 = 1 << 20;
/// How many folders one file may name.
const MOST: usize = 200;
/// The keys whose folders hold files that are listed.
const KEYS: [&str; 8] =
    ["checkpoints", "diffusers", "loras", "vae", "vae_approx", "embeddings", "controlnet", "upscale_models"];

/// The folders with files for this program that a file names, absolute. `variable` gives environment variables and
/// `home` stands for `~`.
///
/// # Errors
/// What is wrong with the file, as one sentence.
pub(super) fn read(
    file: &Path,
    variable: &dyn Fn(&str) -> Option<OsString>,
    home: Option<&Path>,
) -> Result<Vec<PathBuf>, String> {
    let told = |reason: &str| format!("{} could not be read: {reason}. Its folders are not searched.", file.display());
    let about = std::fs::metadata(file).map_err(|error| told(&plain(&error)))?;
    if !about.is_file() || about.len() > LONGEST {
        return Err(told("it is no file of settings"));
    }
    let text = std::fs::read_to_string(file).map_err(|error| told(&plain(&error)))?;
    let groups = groups(&text).map_err(|reason| told(&format!("it is no valid YAML ({reason})")))?;
    let beside = file.parent().unwrap_or(Path::new("."));
    let absolute = |text: &str, base: &Path| base.join(expanded(text, variable, home));
    let mut folders = Vec::new();
    for group in groups {
        let base = group.iter().find(|(key, _)| key == "base_path");
        let base = base.map_or_else(|| beside.to_path_buf(), |(_, text)| absolute(text.trim(), beside));
        for (_, value) in group.iter().filter(|(key, _)| KEYS.contains(&key.as_str())) {
            let lines = value.lines().map(str::trim).filter(|line| !line.is_empty());
            // Paths are joined to a base that may be long, so no more of them than are searched.
            folders.extend(lines.map(|line| absolute(line, &base)).take(MOST.saturating_sub(folders.len())));
        }
    }
    Ok(folders)
}

/// The pairs of key and value of each group. What a group holds besides texts and lists of texts is left out;
/// aliases are not followed.
fn groups(text: &str) -> Result<Vec<Vec<(String, String)>>, String> {
    let mut groups: Vec<Vec<(String, String)>> = Vec::new();
    // How many mappings and lists are open around what comes next.
    let mut depth = 0_usize;
    // The key whose value comes next, in a group.
    let mut key: Option<String> = None;
    for event in Parser::new_from_str(text) {
        match event.map_err(|error| error.to_string())?.0 {
            Event::MappingStart(..) | Event::SequenceStart(..) => {
                depth += 1;
                if depth == 2 {
                    groups.push(Vec::new());
                    key = None;
                }
            }
            Event::MappingEnd | Event::SequenceEnd => {
                depth = depth.saturating_sub(1);
                if depth == 2 {
                    key = None;
                }
            }
            Event::Scalar(text, ..) if depth == 2 => match key.take() {
                None => key = Some(text.into_owned()),
                Some(key) => {
                    groups.last_mut().into_iter().for_each(|group| group.push((key.clone(), text.to_string())))
                }
            },
            // An item of a list: its key stays for the others.
            Event::Scalar(text, ..) if depth == 3 => {
                if let (Some(key), Some(group)) = (&key, groups.last_mut()) {
                    group.push((key.clone(), text.into_owned()));
                }
            }
            Event::Alias(_) if depth == 2 => key = None,
            _ => {}
        }
    }
    Ok(groups)
}

/// A path with `~`, `$NAME`, `${NAME}` and `%NAME%` replaced; what is not known stays as it is.
fn expanded(text: &str, variable: &dyn Fn(&str) -> Option<OsString>, home: Option<&Path>) -> PathBuf {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let value = |name: &str| Some(variable(name)?.to_string_lossy().into_owned());
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['$', '%']) {
        out.push_str(&rest[..at]);
        let (sign, tail) = rest[at..].split_at(1);
        let name = match (sign, tail.strip_prefix('{')) {
            ("$", Some(braced)) => braced.split_once('}'),
            ("$", None) => {
                let end = tail.find(|c| !is_name(c)).unwrap_or(tail.len());
                (end > 0).then(|| tail.split_at(end))
            }
            _ => tail.split_once('%'),
        };
        match name.and_then(|(name, after)| Some((value(name)?, after))) {
            Some((value, after)) => {
                out.push_str(&value);
                rest = after;
            }
            None => {
                out.push_str(sign);
                rest = tail;
            }
        }
    }
    out.push_str(rest);
    let path = PathBuf::from(out);
    match (path.strip_prefix("~"), home) {
        (Ok(rest), Some(home)) => home.join(rest),
        _ => path,
    }
}

/// An error of the file system without its number.
fn plain(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folders(text: &str) -> Result<Vec<String>, String> {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("extra_model_paths.yaml");
        std::fs::write(&file, text).expect("writes");
        let variable = |name: &str| (name == "MODELS").then(|| OsString::from("/srv/models"));
        let found = read(&file, &variable, Some(Path::new("/home/ann")))?;
        let beside = folder.path().display().to_string();
        Ok(found.iter().map(|path| path.display().to_string().replace(&beside, "HERE")).collect())
    }

    #[test]
    fn groups_name_folders_under_their_base_path() {
        let text = "# comment\n\
            a111:\n    base_path: /opt/webui/\n    checkpoints: models/Stable-diffusion\n    configs: models/Stable-diffusion\n    \
            loras: |\n        models/Lora\n        models/LyCORIS\n    upscale_models: models/ESRGAN\n\n\
            comfyui:\n    base_path: ~/ai\n    is_default: true\n    embeddings: 'my words'\n    vae: /abs/vae # a comment\n";
        assert_eq!(
            folders(text).expect("reads"),
            [
                "/opt/webui/models/Stable-diffusion",
                "/opt/webui/models/Lora",
                "/opt/webui/models/LyCORIS",
                "/opt/webui/models/ESRGAN",
                "/home/ann/ai/my words",
                "/abs/vae"
            ]
        );
    }

    #[test]
    fn variables_lists_and_paths_beside_the_file_are_understood() {
        let text = "a:\n  loras: [x, \"y z\"]\n  checkpoints: $MODELS/sd\nb:\n  base_path: ${MODELS}\n  vae: v\nc:\n  \
                    base_path: \"%MODELS%\"\n  controlnet: c$d\nd: null\ne: text\n";
        let found = folders(text).expect("reads");
        assert_eq!(
            found,
            ["HERE/x", "HERE/y z", "/srv/models/sd", "/srv/models/v", "/srv/models/c$d"],
            "what is unknown stays"
        );
    }

    #[test]
    fn what_is_no_yaml_is_told_and_nonsense_names_nothing() {
        assert!(folders("a: [").expect_err("is told").contains("no valid YAML"));
        for text in ["", "- a\n- b", "a: {b: {loras: x}}", "loras: x", "a: &x {loras: y}\nb: *x"] {
            let found = folders(text).expect("reads");
            assert!(found.len() <= 1, "{text}: {found:?}");
        }
        // Aliases are not followed, so that a small file cannot grow.
        let bomb: String = (0..60).map(|i| format!("k{}: &a{} [*a{i}, *a{i}]\n", i + 1, i + 1)).collect();
        assert_eq!(folders(&format!("k0: &a0 [x]\n{bomb}")).expect("reads"), Vec::<String>::new());
        let deep = "[".repeat(200_000);
        let _ = folders(&deep);
        let none = read(Path::new("/no/such.yaml"), &|_| None, None).expect_err("is told");
        assert!(none.contains("/no/such.yaml could not be read"), "{none}");
    }
}
