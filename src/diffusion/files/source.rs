//! Where a model's files come from: a folder on disk, or the starter inside the program.

use std::borrow::Cow;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::diffusion::files::checkpoint::{Checkpoint, WeightFile};
use crate::diffusion::files::kind::identify_folder;
use crate::diffusion::files::part::PartFiles;
use crate::engine::{Error, ModelChoice};

/// The longest config or tokenizer file that is read.
const MAX_TEXT: u64 = 64 << 20;

/// The starter model, embedded: (path inside the model folder, bytes). No constant, which would be in the program once for each
/// place that uses it.
static STARTER: &[(&str, &[u8])] = &[
    ("underpaint.json", include_bytes!("../../../assets/starter/underpaint.json")),
    ("unet/config.json", include_bytes!("../../../assets/starter/unet/config.json")),
    (
        "unet/diffusion_pytorch_model.safetensors",
        include_bytes!("../../../assets/starter/unet/diffusion_pytorch_model.safetensors"),
    ),
    ("vae/config.json", include_bytes!("../../../assets/starter/vae/config.json")),
    (
        "vae/diffusion_pytorch_model.safetensors",
        include_bytes!("../../../assets/starter/vae/diffusion_pytorch_model.safetensors"),
    ),
    ("text_encoder/config.json", include_bytes!("../../../assets/starter/text_encoder/config.json")),
    ("text_encoder/model.safetensors", include_bytes!("../../../assets/starter/text_encoder/model.safetensors")),
    ("scheduler/scheduler_config.json", include_bytes!("../../../assets/starter/scheduler/scheduler_config.json")),
    ("tokenizer/tokenizer.json", include_bytes!("../../../assets/starter/tokenizer/tokenizer.json")),
];

/// The files of the model inside the program: path inside the model folder, and bytes.
pub(in crate::diffusion) fn starter_files() -> impl Iterator<Item = (&'static str, &'static [u8])> {
    STARTER.iter().copied()
}

/// A place to read a model from.
#[derive(Clone)]
pub(in crate::diffusion) enum Source {
    /// The model inside the program.
    Starter,
    /// A folder in the diffusers layout.
    Folder(PathBuf),
    /// A checkpoint in one file.
    Checkpoint(Arc<Checkpoint>, PathBuf),
}

impl Source {
    /// Opens the place that a choice of model names.
    ///
    /// # Errors
    /// A path that is not there, or a checkpoint that is none.
    pub fn open(choice: &ModelChoice) -> Result<Self, Error> {
        match choice {
            ModelChoice::Starter => Ok(Self::Starter),
            ModelChoice::Path(path) if path.is_dir() => match identify_folder(path).refusal {
                Some(text) => Err(Error::File(format!("{} {text}.", path.display()))),
                None => Ok(Self::Folder(path.clone())),
            },
            ModelChoice::Path(path) if path.is_file() => {
                Ok(Self::Checkpoint(Arc::new(Checkpoint::open(path)?), path.clone()))
            }
            ModelChoice::Path(path) => {
                Err(Error::File(format!("There is no model at {}: neither a file nor a folder.", path.display())))
            }
        }
    }

    /// What to call a file in messages.
    pub fn path(&self, inside: &str) -> PathBuf {
        match self {
            Self::Starter => Path::new("starter").join(inside),
            Self::Folder(folder) => folder.join(inside),
            Self::Checkpoint(_, file) => file.clone(),
        }
    }

    /// A file's bytes; `None` when there is no such file.
    pub fn bytes(&self, inside: &str) -> Result<Option<Cow<'static, [u8]>>, Error> {
        match self {
            Self::Starter => Ok(embedded(inside).map(Cow::Borrowed)),
            Self::Checkpoint(checkpoint, _) => {
                Ok(checkpoint.config(inside).map(|value| Cow::Owned(value.to_string().into_bytes())))
            }
            Self::Folder(folder) => {
                let path = folder.join(inside);
                let read = || -> std::io::Result<Option<Vec<u8>>> {
                    // A pipe would be waited for, and a device has no end.
                    if !std::fs::metadata(&path)?.is_file() {
                        return Ok(None);
                    }
                    let mut bytes = Vec::new();
                    std::fs::File::open(&path)?.take(MAX_TEXT + 1).read_to_end(&mut bytes)?;
                    Ok(Some(bytes))
                };
                match read() {
                    Ok(Some(bytes)) if bytes.len() as u64 > MAX_TEXT => {
                        Err(self.malformed(inside, "it is far too long"))
                    }
                    Ok(Some(bytes)) => Ok(Some(Cow::Owned(bytes))),
                    Ok(None) => Err(self.malformed(inside, "it is no file")),
                    Err(source) if source.kind() == std::io::ErrorKind::NotFound => Ok(None),
                    Err(source) => Err(Error::Unreadable { path, source }),
                }
            }
        }
    }

    /// Size of a file in bytes, 0 when it is not there.
    pub fn size(&self, inside: &str) -> u64 {
        match self {
            Self::Starter => embedded(inside).map_or(0, |b| b.len() as u64),
            Self::Checkpoint(..) => 0,
            Self::Folder(folder) => std::fs::metadata(folder.join(inside)).map_or(0, |m| m.len()),
        }
    }

    /// A JSON file; `None` when there is no such file.
    pub fn json<T: DeserializeOwned>(&self, inside: &str) -> Result<Option<T>, Error> {
        let Some(bytes) = self.bytes(inside)? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|e| self.malformed(inside, e))
    }

    /// A JSON file that must be there.
    pub fn required_json<T: DeserializeOwned>(&self, inside: &str, what: &'static str) -> Result<T, Error> {
        self.json(inside)?.ok_or_else(|| Error::Missing { what, path: self.path(inside) })
    }

    pub fn malformed(&self, inside: &str, reason: impl std::fmt::Display) -> Error {
        Error::Malformed { path: self.path(inside), reason: reason.to_string() }
    }

    /// The files of a part's weights, single or sharded, as paths inside the model; `stem` is the name of a
    /// single safetensors file.
    ///
    /// # Errors
    /// A part without weights, or with an index that is damaged.
    pub fn weight_files(&self, part: &str, stem: &str) -> Result<Vec<String>, Error> {
        #[derive(serde::Deserialize)]
        struct Index {
            weight_map: std::collections::BTreeMap<String, String>,
        }
        // The part may be the folder itself.
        let inside = |file: &str| if part.is_empty() { file.to_owned() } else { format!("{part}/{file}") };
        // Older folders have PyTorch's files, under another stem for text encoders.
        let pickled = if stem == "model" { "pytorch_model" } else { stem };
        let half = |stem: &str, ending: &str| [format!("{stem}.{ending}"), format!("{stem}.fp16.{ending}")];
        for (stem, ending) in [(stem, "safetensors"), (pickled, "bin")] {
            for file in half(stem, ending).map(|file| inside(&file)) {
                if self.size(&file) > 0 {
                    return Ok(vec![file]);
                }
            }
            let index_name = inside(&format!("{stem}.{ending}.index.json"));
            let Some(index) = self.json::<Index>(&index_name)? else { continue };
            let mut files: Vec<String> = index.weight_map.into_values().collect();
            files.sort();
            files.dedup();
            if let Some(odd) = files.iter().find(|f| f.contains(['/', '\\'])) {
                return Err(self.malformed(&index_name, format!("it names the file {odd}")));
            }
            return Ok(files.iter().map(|f| inside(f)).collect());
        }
        Err(Error::Missing { what: "weights", path: self.path(&inside(&format!("{stem}.safetensors"))) })
    }

    /// Opens the files of a part; their numbers stay in them.
    ///
    /// # Errors
    /// Files that are missing, damaged or cut short.
    pub fn part(&self, part: &'static str, stem: &str) -> Result<PartFiles<'_>, Error> {
        if let Self::Checkpoint(checkpoint, _) = self {
            return Ok(PartFiles::Checkpoint(checkpoint, part));
        }
        let open = |file: &String| match (self, embedded(file)) {
            (Self::Starter, Some(bytes)) => WeightFile::embedded(&self.path(file), bytes),
            _ => WeightFile::open(&self.path(file)),
        };
        self.weight_files(part, stem)?.iter().map(open).collect::<Result<_, _>>().map(PartFiles::Separate)
    }
}

fn embedded(inside: &str) -> Option<&'static [u8]> {
    STARTER.iter().find(|(name, _)| *name == inside).map(|(_, bytes)| *bytes)
}

/// The CLIP vocabulary of the starter, which every Stable Diffusion 1.x and 2.x model shares.
pub(in crate::diffusion) fn clip_tokenizer() -> &'static [u8] {
    embedded("tokenizer/tokenizer.json").unwrap_or_default()
}
