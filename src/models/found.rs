//! A model file on this machine.

use std::path::PathBuf;

use serde::Serialize;

use super::hash::WEB_HASH;
use super::inspected::{BaseModel, FoundKind};
use super::places::Origin;

/// A file of weights or a model folder on this machine. The names of the fields in JSON are stable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FoundModel {
    /// What to call it: the file's name without its ending, the folder's, or the repository's where all
    /// repositories call their files so.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// What it is.
    pub kind: FoundKind,
    /// Whether this program can use it.
    pub usable: bool,
    /// What it is, and why it can or cannot be used.
    pub sentence: String,
    /// The family it belongs to, where that is known.
    pub base: Option<BaseModel>,
    /// The number format of most of its tensors; empty if unknown.
    pub precision: String,
    /// What a model predicts: `epsilon` or `v_prediction`.
    pub prediction: Option<String>,
    /// Whether it is a small autoencoder (TAESD).
    pub tiny_vae: bool,
    /// Bytes of the file, or of the files in the folder.
    pub size: u64,
    /// Whose folder it is in.
    pub origin: Origin,
    /// The searched folder that it is in, itself or below.
    pub folder: PathBuf,
    /// The repository in the hub's cache, `owner/name`.
    pub repository: Option<String>,
    /// The SHA-256 of a file's bytes, once it is known.
    pub sha256: Option<String>,
    /// The words that call up what it was trained on.
    pub words: Vec<String>,
    /// A small picture of what it does.
    pub preview: Option<PathBuf>,
}

impl FoundModel {
    /// The hash that the web UI writes as `Model hash`, 10 hexadecimal digits, once it is known.
    pub fn web_hash(&self) -> Option<&str> {
        self.sha256.as_deref()?.get(..WEB_HASH)
    }

    /// What to write in a prompt to use it; `None` for what a prompt cannot name.
    pub fn in_prompt(&self) -> Option<String> {
        match self.kind {
            FoundKind::Lora => self.lora_name().map(|name| format!("<lora:{name}:1>")),
            FoundKind::TextualInversion => Some(self.file_stem()),
            FoundKind::Model
            | FoundKind::Vae
            | FoundKind::ControlNet
            | FoundKind::Upscaler
            | FoundKind::Segmenter
            | FoundKind::Captioner
            | FoundKind::DepthEstimator
            | FoundKind::Other => None,
        }
    }

    /// The name that prompts call a LoRA by; `None` where a tag cannot hold it.
    pub fn lora_name(&self) -> Option<&str> {
        Some(self.name.as_str()).filter(|name| !name.is_empty() && !name.contains([':', '<', '>', '/', '\\']))
    }

    fn file_stem(&self) -> String {
        self.path.file_stem().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Why it cannot be used with a model of the family `base`; `None` if nothing speaks against it. `base` is
    /// `None` where the model's family is not known.
    pub fn refusal(&self, base: Option<&BaseModel>) -> Option<String> {
        if !self.usable {
            return Some(self.sentence.clone());
        }
        let needs_fit = matches!(self.kind, FoundKind::Lora | FoundKind::TextualInversion);
        match (&self.base, base) {
            (Some(own), Some(base)) if needs_fit && own.id != base.id => {
                Some(format!("It is for {}, and the model in use is {}.", own.label, base.label))
            }
            _ => None,
        }
    }
}

/// Bytes as people read them: `2.1 GB`, `135 MB`, `12 kB`.
pub fn size_text(bytes: u64) -> String {
    match bytes {
        1_000_000_000.. => format!("{:.1} GB", bytes as f64 / 1e9),
        1_000_000.. => format!("{} MB", bytes / 1_000_000),
        _ => format!("{} kB", bytes.div_ceil(1000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::models::inspected::InspectedFile;

    fn lora(base: Option<&str>, usable: bool) -> FoundModel {
        let base = base.map(|id| BaseModel { id: id.into(), label: id.to_uppercase() });
        let about =
            InspectedFile { kind: FoundKind::Lora, usable, sentence: "It is odd.".into(), base, ..Default::default() };
        FoundModel {
            name: "ink".into(),
            path: "/ink.safetensors".into(),
            kind: about.kind,
            usable: about.usable,
            sentence: about.sentence,
            base: about.base,
            precision: about.precision,
            prediction: None,
            tiny_vae: false,
            size: 1,
            origin: Origin::Named,
            folder: "/".into(),
            repository: None,
            sha256: Some("0123456789abcdef".repeat(4)),
            words: Vec::new(),
            preview: None,
        }
    }

    #[test]
    fn a_lora_of_another_family_is_refused_with_the_reason() {
        let sd1 = BaseModel { id: "sd1".into(), label: "SD1".into() };
        assert_eq!(lora(Some("sd1"), true).refusal(Some(&sd1)), None);
        assert_eq!(
            lora(Some("sdxl"), true).refusal(Some(&sd1)).as_deref(),
            Some("It is for SDXL, and the model in use is SD1.")
        );
        assert_eq!(lora(None, true).refusal(Some(&sd1)), None, "what is unknown may fit");
        assert_eq!(lora(Some("sdxl"), true).refusal(None), None);
        assert_eq!(lora(Some("sd1"), false).refusal(Some(&sd1)).as_deref(), Some("It is odd."));
        assert_eq!(
            (lora(None, true).web_hash(), lora(None, true).in_prompt()),
            (Some("0123456789"), Some("<lora:ink:1>".into()))
        );
    }

    #[test]
    fn sizes_are_in_decimal_units() {
        assert_eq!([2_132_625_894, 134_621_556, 9_793, 0].map(size_text), ["2.1 GB", "134 MB", "10 kB", "0 kB"]);
    }
}
