//! Textual inversion: words whose vectors come from a file (Gal et al. 2022).
//!
//! A file's name is its word. Where a prompt says it, the file's vectors take the places of tokens.

use std::path::{Path, PathBuf};

use candle_core::{DType, Tensor};

use crate::diffusion::files::checkpoint::Store;
use crate::engine::Error;

/// A word that a file gives a meaning.
pub(in crate::diffusion) struct Embedding {
    /// The file's name without its ending, as prompts say it.
    pub word: String,
    /// `[n, width]`, f32.
    pub vectors: Tensor,
}

/// Endings of the files that give words a meaning.
pub const WORD_ENDINGS: [&str; 4] = ["safetensors", "pt", "bin", "ckpt"];

/// Reads the embeddings of `folder` whose words occur in the prompts, for a text encoder so wide; longer
/// words come first, so that they are found before words inside them.
///
/// # Errors
/// A file that is named and cannot be read, or belongs to another kind of model.
pub(in crate::diffusion) fn named(
    prompts: &[&str],
    folder: Option<&Path>,
    width: usize,
) -> Result<Vec<Embedding>, Error> {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    // A folder that does not exist holds none.
    for entry in folder.and_then(|folder| std::fs::read_dir(folder).ok()).into_iter().flatten().flatten() {
        let path = entry.path();
        let ending = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        let word = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
        let said = !word.is_empty() && prompts.iter().any(|prompt| prompt.to_lowercase().contains(&word));
        if said && WORD_ENDINGS.contains(&ending.as_str()) {
            found.push((word, path));
        }
    }
    found.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then(a.cmp(b)));
    found.into_iter().map(|(word, path)| Ok(Embedding { vectors: vectors(&path, width)?, word })).collect()
}

fn vectors(path: &Path, width: usize) -> Result<Tensor, Error> {
    let malformed = |reason: String| Error::Malformed { path: path.to_path_buf(), reason };
    // AUTOMATIC1111 keeps its vectors one level down, diffusers' files are the word and its vectors.
    let store = Store::open_under(path, "string_to_param")?;
    let shapes = store.shapes();
    let fits = |shape: &[usize]| matches!(shape, [w] | [_, w] if *w == width);
    let (name, _) = shapes.iter().find(|(_, shape)| fits(shape)).ok_or_else(|| {
        let widths: Vec<_> = shapes.values().filter_map(|shape| shape.last()).collect();
        malformed(format!("it holds no words for this model: its numbers are {widths:?} wide, not {width}"))
    })?;
    let tensor = store.read(path, name)?.ok_or_else(|| malformed("its numbers are missing".into()))?;
    let vectors = tensor.to_dtype(DType::F32)?.reshape(((), width))?;
    if !(1..=75).contains(&vectors.dim(0)?) {
        return Err(malformed(format!("it has {} vectors, more than a prompt has room for", vectors.dim(0)?)));
    }
    if !vectors.sum_all()?.to_scalar::<f32>()?.is_finite() {
        return Err(malformed("it holds numbers that are none (NaN)".into()));
    }
    Ok(vectors)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Written by tests/fixtures/small_ckpt.py with PyTorch 2.15.
    fn fixtures() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
    }

    #[test]
    fn both_kinds_of_file_give_their_vectors_to_the_words_that_are_said() {
        let folder = tempfile::tempdir().expect("folder");
        for (from, to) in [("word.pt", "Ink Wash.pt"), ("word.bin", "ink.bin"), ("hostile.ckpt", "unsaid.pt")] {
            std::fs::copy(fixtures().join(from), folder.path().join(to)).expect("copies");
        }
        let found = named(&["an (INK wash:1.2) apple", ""], Some(folder.path()), 128).expect("reads");
        let about: Vec<_> = found.iter().map(|e| (e.word.as_str(), e.vectors.dims().to_vec())).collect();
        assert_eq!(about, [("ink wash", vec![2, 128]), ("ink", vec![1, 128])]);
        let first: Vec<f32> = found[0].vectors.flatten_all().and_then(|t| t.to_vec1()).expect("numbers");
        assert_eq!((first[0], first[255]), (-2.0, 255.0 / 64.0 - 2.0));
        assert!(named(&["an apple"], Some(folder.path()), 128).expect("none").is_empty());
        assert!(named(&["ink"], None, 128).expect("none").is_empty());
        let narrow = named(&["ink"], Some(folder.path()), 768).map(|_| ()).expect_err("refused").to_string();
        assert!(narrow.contains("[128] wide, not 768"), "{narrow}");
        let hostile = named(&["unsaid"], Some(folder.path()), 128).map(|_| ()).expect_err("refused").to_string();
        assert!(hostile.contains("posix.system"), "{hostile}");
    }
}
