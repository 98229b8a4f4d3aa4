//! T2I-Adapter files, in the original layout and in diffusers', and diffusers folders.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::checkpoint::{Checkpoint, Store};
use super::control::{ControlShapes, STEM};
use super::kind::{Contents, WeightsKind, adapter_refusal, identify, identify_folder};
use super::part::PartFiles;
use super::source::Source;
use crate::engine::Error;

/// The name of the part in a file of its own.
const PART: &str = "adapter";

/// An opened T2I-Adapter; its numbers are still in its file.
pub(in crate::diffusion) struct AdapterFile {
    path: PathBuf,
    file: Checkpoint,
}

/// The entry of a folder's config.json that says how the network is built.
#[derive(Deserialize)]
#[serde(default)]
struct FolderConfig {
    adapter_type: String,
}

impl Default for FolderConfig {
    fn default() -> Self {
        Self { adapter_type: "full_adapter".into() }
    }
}

impl AdapterFile {
    /// Opens a file or folder if it holds a T2I-Adapter, without its numbers; `None` if it holds something else.
    ///
    /// # Errors
    /// One sentence for an adapter that is damaged or of a kind that does not run here.
    pub fn open(path: &Path) -> Result<Option<Self>, Error> {
        let refused = |text: &str| Err(Error::File(format!("{} {text}.", path.display())));
        let file = if path.is_dir() {
            if identify_folder(path).identity.kind != WeightsKind::T2iAdapter {
                return Ok(None);
            }
            let source = Source::Folder(path.to_path_buf());
            let config: FolderConfig = source.json("config.json")?.unwrap_or_default();
            if config.adapter_type != "full_adapter" {
                return refused(&format!(
                    "is a T2I-Adapter of the kind {}, which does not run here; choose one for Stable Diffusion 1.x",
                    config.adapter_type
                ));
            }
            // This also checks that its files are complete.
            source.part("", STEM)?;
            let one = ["diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"]
                .map(|name| path.join(name))
                .into_iter()
                .find(|file| file.is_file());
            match one {
                Some(file) => file,
                None => return refused("is a T2I-Adapter in several files; choose one in a single file"),
            }
        } else if path.is_file() {
            path.to_path_buf()
        } else {
            return Ok(None);
        };
        let store = Store::open(&file)?;
        let contents = Contents::of(&store);
        if identify(&contents).kind != WeightsKind::T2iAdapter {
            return Ok(None);
        }
        if let Some(text) = adapter_refusal(&contents) {
            return refused(&text);
        }
        let original = contents.shapes.contains_key("body.0.block1.weight");
        let per_level = if original { blocks_per_level(&contents) } else { 0 };
        let file = Checkpoint::of_network(&file, store, PART, contents.shapes, |name| match original {
            true => original_name(name, per_level),
            false => Some(name.strip_prefix("adapter.").unwrap_or(name).to_owned()),
        });
        Ok(Some(Self { path: path.to_path_buf(), file }))
    }

    /// The file or folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its tensors.
    pub fn part(&self) -> PartFiles<'_> {
        PartFiles::Checkpoint(&self.file, PART)
    }

    /// The shapes of its tensors by diffusers' names.
    pub fn shapes(&self) -> ControlShapes {
        ControlShapes::of(self.part().shapes())
    }
}

/// Residual blocks of each level in the original layout, which counts all of them: the first one with a convolution of its
/// input begins the second level.
fn blocks_per_level(contents: &Contents) -> usize {
    const USUAL: usize = 2;
    (1..64).find(|block| contents.shapes.contains_key(&format!("body.{block}.in_conv.weight"))).unwrap_or(USUAL)
}

/// Diffusers' name of a tensor in the original layout.
fn original_name(name: &str, per_level: usize) -> Option<String> {
    let Some((block, rest)) = name.strip_prefix("body.").and_then(|rest| rest.split_once('.')) else {
        return Some(name.to_owned());
    };
    let block: usize = block.parse().ok()?;
    let (level, block) = (block / per_level, block % per_level);
    Some(match rest.starts_with("in_conv.") {
        true => format!("body.{level}.{rest}"),
        false => format!("body.{level}.resnets.{block}.{rest}"),
    })
}
