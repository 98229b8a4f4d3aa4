//! The words that call up what a LoRA or a textual inversion was trained on, as far as its files say.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde_json::Value;

use super::inspected::BaseModel;

/// The longest header or side file that is read, in bytes.
const LONGEST: u64 = 32 << 20;
/// How many words are kept, and how long each is at most.
const MOST_WORDS: usize = 30;
const LONGEST_WORD: usize = 200;
/// How many of the tags that a LoRA was trained with are taken for trigger words.
const MOST_TAGS: usize = 8;

/// The trigger words in the header of a safetensors file: `modelspec.trigger_phrase`, else the tags that kohya's
/// scripts counted most often. Empty for other files, and where the header says nothing.
pub(super) fn in_header(path: &Path) -> Vec<String> {
    let metadata = header(path).unwrap_or_default();
    let phrase = metadata.get("modelspec.trigger_phrase").and_then(Value::as_str);
    match phrase.map(split).filter(|words| !words.is_empty()) {
        Some(words) => words,
        None => metadata.get("ss_tag_frequency").and_then(Value::as_str).map(most_frequent).unwrap_or_default(),
    }
}

/// What the files beside a file of weights say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct SideFiles {
    /// The trigger words.
    pub words: Vec<String>,
    /// The family of models that it was trained for.
    pub base: Option<BaseModel>,
    /// The preview picture.
    pub preview: Option<PathBuf>,
}

impl SideFiles {
    /// Reads `name.civitai.info` and `name.json`, as AUTOMATIC1111 and its extensions write them, and looks for
    /// `name.png` and `name.preview.png`. Damaged files count as missing.
    pub fn of(path: &Path) -> Self {
        let beside = |ending: &str| path.with_extension(ending);
        let mut found = Self::default();
        for ending in ["civitai.info", "json"] {
            let Some(about) = json(&beside(ending)) else { continue };
            let trained = about["trainedWords"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let activation = about["activation text"].as_str();
            trained.chain(activation).flat_map(split).for_each(|word| add(&mut found.words, word));
            let named = about["baseModel"].as_str().or_else(|| about["sd version"].as_str());
            found.base = found.base.or_else(|| named.and_then(family_named));
        }
        let endings = ["png", "preview.png", "jpg", "preview.jpg", "jpeg", "preview.jpeg", "webp", "preview.webp"];
        found.preview = endings.iter().map(|ending| beside(ending)).find(|picture| picture.is_file());
        found
    }
}

/// The family that a web site's or the web UI's name of a base model means.
fn family_named(name: &str) -> Option<BaseModel> {
    let name = name.to_lowercase();
    let known = [
        ("sd 1", "sd1", "Stable Diffusion 1.x"),
        ("sd1", "sd1", "Stable Diffusion 1.x"),
        ("sd 2", "sd2", "Stable Diffusion 2.x"),
        ("sd2", "sd2", "Stable Diffusion 2.x"),
        ("sdxl", "sdxl", "SDXL"),
        ("pony", "sdxl", "SDXL"),
        ("illustrious", "sdxl", "SDXL"),
        ("noobai", "sdxl", "SDXL"),
        ("sd 3", "sd3", "Stable Diffusion 3"),
        ("flux", "flux", "FLUX"),
    ];
    let (_, id, label) = known.iter().find(|(start, ..)| name.starts_with(start))?;
    Some(BaseModel { id: (*id).into(), label: (*label).into() })
}

fn header(path: &Path) -> Option<HashMap<String, Value>> {
    #[derive(Deserialize)]
    struct Header {
        #[serde(rename = "__metadata__", default)]
        metadata: HashMap<String, Value>,
    }
    let mut file = File::open(path).ok().filter(|_| ends_with(path, "safetensors"))?;
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let length = Some(u64::from_le_bytes(length)).filter(|length| *length <= LONGEST)?;
    let mut bytes = Vec::new();
    file.take(length).read_to_end(&mut bytes).ok()?;
    Some(serde_json::from_slice::<Header>(&bytes).ok()?.metadata)
}

fn ends_with(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(ending))
}

fn json(path: &Path) -> Option<Value> {
    let about = std::fs::metadata(path).ok()?;
    if !about.is_file() || about.len() > LONGEST {
        return None;
    }
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

/// The tags that occur most often over all folders of pictures, `{"10_ink": {"ink": 40, "tree": 3}}`.
fn most_frequent(text: &str) -> Vec<String> {
    let Ok(folders) = serde_json::from_str::<HashMap<String, HashMap<String, f64>>>(text) else { return Vec::new() };
    let mut counts: BTreeMap<String, f64> = BTreeMap::new();
    for (tag, count) in folders.into_values().flatten() {
        *counts.entry(tag).or_default() += count;
    }
    let mut tags: Vec<(String, f64)> = counts.into_iter().collect();
    // The order of equal counts is that of the alphabet.
    tags.sort_by(|a, b| b.1.total_cmp(&a.1));
    let mut words = Vec::new();
    tags.into_iter().take(MOST_TAGS).for_each(|(tag, _)| add(&mut words, tag.trim().to_owned()));
    words
}

fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    text.split([',', '\n']).for_each(|word| add(&mut words, word.trim().to_owned()));
    words
}

fn add(words: &mut Vec<String>, word: String) {
    let is_text = !word.is_empty() && word.chars().count() <= LONGEST_WORD && !word.chars().any(char::is_control);
    if is_text && words.len() < MOST_WORDS && !words.contains(&word) {
        words.push(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes a safetensors file of no tensors with these metadata.
    fn write(path: &Path, metadata: &Value) {
        let header = serde_json::json!({"__metadata__": metadata}).to_string();
        let bytes = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
        std::fs::write(path, bytes).expect("writes");
    }

    #[test]
    fn a_header_says_the_phrase_or_the_tags_that_were_counted_most() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("ink.safetensors");
        write(&file, &serde_json::json!({"modelspec.trigger_phrase": "ink wash, brush"}));
        assert_eq!(in_header(&file), ["ink wash", "brush"]);
        let tags = r#"{"1_a": {"tree": 3, "ink": 20, "fog": 3}, "2_b": {"tree": 2, "hill": 9}}"#;
        write(&file, &serde_json::json!({"ss_tag_frequency": tags}));
        assert_eq!(in_header(&file), ["ink", "hill", "tree", "fog"]);
        for nonsense in ["", "[]", "{\"a\": 3}", "{"] {
            write(&file, &serde_json::json!({"ss_tag_frequency": nonsense}));
            assert!(in_header(&file).is_empty(), "{nonsense}");
        }
        std::fs::write(&file, [0xff; 30]).expect("writes");
        assert!(in_header(&file).is_empty() && in_header(&folder.path().join("ink.ckpt")).is_empty());
    }

    #[test]
    fn side_files_of_the_web_ui_say_words_base_and_preview() {
        let folder = tempfile::tempdir().expect("folder");
        let file = folder.path().join("ink.v2.safetensors");
        assert_eq!(SideFiles::of(&file), SideFiles::default());
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("writes");
        write("ink.v2.civitai.info", r#"{"trainedWords": ["ink wash, brush", 3], "baseModel": "SD 1.5"}"#);
        write("ink.v2.json", r#"{"activation text": "brush, paper", "sd version": "SDXL"}"#);
        write("ink.v2.preview.png", "");
        let found = SideFiles::of(&file);
        assert_eq!(found.words, ["ink wash", "brush", "paper"]);
        assert_eq!(found.base.map(|base| base.id).as_deref(), Some("sd1"));
        assert_eq!(found.preview, Some(folder.path().join("ink.v2.preview.png")));
        write("ink.v2.civitai.info", "{");
        assert_eq!(SideFiles::of(&file).words, ["brush", "paper"]);
    }
}
