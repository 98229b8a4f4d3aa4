//! A file of named tensors of either kind, told by its first bytes.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use candle_core::pickle::PthTensors;
use candle_core::{DType, Tensor};

use super::{malformed, pickle};
use crate::diffusion::error::first_line;
use crate::diffusion::files::container::Container;
use crate::diffusion::files::tensor_file::TensorFile;
use crate::engine::Error;

/// A file of named tensors of either kind.
pub(in crate::diffusion) enum Store {
    Safetensors(TensorFile),
    /// With the keys of the outermost dictionary.
    Pickle(PthTensors, Vec<String>),
}

impl Store {
    /// Opens a file and reads what it holds, without its numbers; a pickle's tensors are looked for under
    /// `state_dict`.
    ///
    /// # Errors
    /// A file that cannot be read, is damaged, would run code, or is in a format that is not read.
    pub fn open(path: &Path) -> Result<Self, Error> {
        Self::open_under(path, "state_dict")
    }

    /// Opens a file whose pickle, where it has one, keeps its tensors under `key`.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_under(path: &Path, key: &str) -> Result<Self, Error> {
        // What a file is called does not matter.
        match Container::of(path)? {
            Container::Checkpoint => {
                let (tensors, keys) = pickle::open(path, key)?;
                Ok(Self::Pickle(tensors, keys))
            }
            _ => TensorFile::open(path).map(Self::Safetensors),
        }
    }

    /// Names and shapes.
    pub fn shapes(&self) -> BTreeMap<String, Vec<usize>> {
        match self {
            Self::Safetensors(file) => file.shapes().map(|(n, s)| (n.to_owned(), s.to_vec())).collect(),
            Self::Pickle(tensors, _) => {
                tensors.tensor_infos().iter().map(|(n, info)| (n.clone(), info.layout.dims().to_vec())).collect()
            }
        }
    }

    /// How many tensors have their numbers in each format, by its name in lower case: `f16`, `f8_e4m3`.
    pub fn formats(&self) -> BTreeMap<String, usize> {
        let names: Vec<String> = match self {
            Self::Safetensors(file) => file.formats().map(|(_, format)| format.to_lowercase()).collect(),
            Self::Pickle(tensors, _) => {
                let name = |dtype: DType| dtype.as_str().to_owned();
                tensors.tensor_infos().values().map(|info| name(info.dtype)).collect()
            }
        };
        names.into_iter().fold(BTreeMap::new(), |mut counts, name| {
            *counts.entry(name).or_default() += 1;
            counts
        })
    }

    /// The texts that a safetensors file's writer left in its header; empty for a pickle.
    pub fn metadata(&self) -> HashMap<String, String> {
        match self {
            Self::Safetensors(file) => file.metadata().clone(),
            Self::Pickle(..) => HashMap::new(),
        }
    }

    /// The keys of a pickle's outermost dictionary; none for safetensors.
    pub fn keys(&self) -> &[String] {
        match self {
            Self::Safetensors(_) => &[],
            Self::Pickle(_, keys) => keys,
        }
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        match self {
            Self::Safetensors(file) => file.has(name),
            Self::Pickle(tensors, _) => tensors.tensor_infos().contains_key(name),
        }
    }

    /// A tensor as the file has it; `None` when there is none of this name.
    pub fn read(&self, path: &Path, name: &str) -> Result<Option<Tensor>, Error> {
        match self {
            Self::Pickle(tensors, _) => tensors.get(name).map_err(|e| malformed(path, first_line(&e))),
            Self::Safetensors(file) => file.read(name),
        }
    }
}

/// One file of a part's weights, or of a network that looks at pictures.
pub(crate) struct WeightFile {
    path: PathBuf,
    store: Store,
}

impl WeightFile {
    /// Opens a file and reads what it holds, without its numbers.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        Ok(Self { path: path.to_path_buf(), store: Store::open(path)? })
    }

    /// A safetensors file inside the program; `path` is what to call it.
    ///
    /// # Errors
    /// As [`TensorFile::embedded`].
    pub fn embedded(path: &Path, bytes: &'static [u8]) -> Result<Self, Error> {
        let store = Store::Safetensors(TensorFile::embedded(path, bytes)?);
        Ok(Self { path: path.to_path_buf(), store })
    }

    /// Names and shapes.
    pub fn shapes(&self) -> Box<dyn Iterator<Item = (&str, &[usize])> + '_> {
        match &self.store {
            Store::Safetensors(file) => Box::new(file.shapes()),
            Store::Pickle(tensors, _) => {
                Box::new(tensors.tensor_infos().iter().map(|(name, info)| (name.as_str(), info.layout.dims())))
            }
        }
    }

    /// The shape of a tensor; `None` when there is none of this name.
    pub fn shape(&self, name: &str) -> Option<Vec<usize>> {
        match &self.store {
            Store::Safetensors(file) => file.shape(name).map(<[usize]>::to_vec),
            Store::Pickle(tensors, _) => tensors.tensor_infos().get(name).map(|info| info.layout.dims().to_vec()),
        }
    }

    /// How many tensors have their numbers in each format.
    pub fn formats(&self) -> BTreeMap<String, usize> {
        self.store.formats()
    }

    /// Whether there is a tensor of this name.
    pub fn has(&self, name: &str) -> bool {
        self.store.has(name)
    }

    /// A tensor as the file has it; `None` when there is none of this name.
    ///
    /// # Errors
    /// A file that can no longer be read.
    pub fn read(&self, name: &str) -> Result<Option<Tensor>, Error> {
        self.store.read(&self.path, name)
    }
}

/// Names and shapes of the tensors in a file of weights, safetensors or `.ckpt`. Their numbers are read as
/// well, so that all of them are known to be there; [`inspect_model`](crate::diffusion::inspect_model)
/// only reads headers.
///
/// # Errors
/// A file that cannot be read, is damaged, or would run code.
pub fn read_all_tensors(path: &Path) -> Result<Vec<(String, Vec<usize>)>, Error> {
    let store = Store::open(path)?;
    let shapes = store.shapes();
    for name in shapes.keys() {
        store.read(path, name)?;
    }
    Ok(shapes.into_iter().collect())
}
