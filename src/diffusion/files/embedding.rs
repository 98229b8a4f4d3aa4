//! Textual inversions: files with vectors that stand for a word in prompts (Gal et al. 2022).
//!
//! A file's name is its word. Where a prompt says it, the file's vectors take the places of tokens.

use std::path::Path;

use candle_core::{DType, Tensor};

use crate::diffusion::files::checkpoint::Store;
use crate::diffusion::files::kind::{Contents, Family, WeightsKind, identify, inversion_widths};
use crate::diffusion::text::prompt::{Piece, parse};
use crate::diffusion::text::whole_words::find_word;
use crate::engine::Error;
use crate::models::{EMBEDDING_ENDINGS, files_in};

/// A textual inversion: a word and the vectors that stand for it.
pub(in crate::diffusion) struct Embedding {
    /// The file's name without its ending, as prompts say it.
    pub word: String,
    /// `[n, width]`, f32.
    pub vectors: Tensor,
}

/// The key of the dictionary in which AUTOMATIC1111 keeps the vectors.
pub(in crate::diffusion) const KEY: &str = "string_to_param";

/// The most vectors that fit into a chunk of a prompt.
pub(in crate::diffusion) const MOST_VECTORS: usize = 75;

/// What the prompts name of a folder.
#[derive(Default)]
pub(in crate::diffusion) struct Lookup {
    /// Longer words come first, so that they are found before words inside them.
    pub embeddings: Vec<Embedding>,
    /// Files that cannot be used, one sentence each; their words are read as text.
    pub notices: Vec<String>,
}

/// Reads the textual inversions in `folder` and its subfolders whose names stand in the prompts as whole
/// words, for a text encoder whose vectors have `width` numbers.
pub(in crate::diffusion) fn look_up(prompts: &[&str], folder: Option<&Path>, width: usize) -> Lookup {
    let mut files = folder.map(|folder| files_in(folder, &EMBEDDING_ENDINGS)).unwrap_or_default();
    let mut lookup = Lookup::default();
    if files.is_empty() {
        return lookup;
    }
    let texts: Vec<String> = prompts
        .iter()
        .flat_map(|prompt| parse(prompt))
        .filter_map(|piece| if let Piece::Words(text, _) = piece { Some(text) } else { None })
        .collect();
    files.retain(|file| texts.iter().any(|text| find_word(text, 0, std::iter::once(file.name.as_str())).is_some()));
    // Of two files with one name the less deep is read: they come in that order.
    files.sort_by_key(|file| std::cmp::Reverse(file.name.chars().count()));
    for file in files {
        if lookup.embeddings.iter().any(|known| known.word.to_lowercase() == file.name.to_lowercase()) {
            continue;
        }
        match vectors(&file.path, width) {
            Ok(vectors) => lookup.embeddings.push(Embedding { word: file.name, vectors }),
            Err(error) => lookup
                .notices
                .push(format!("The word {:?} is read as text, because its file cannot be used: {error}", file.name)),
        }
    }
    lookup
}

fn vectors(path: &Path, width: usize) -> Result<Tensor, Error> {
    let malformed = |reason: String| Error::Malformed { path: path.to_path_buf(), reason };
    // AUTOMATIC1111 keeps its vectors one level down; diffusers' files map the word to its vectors.
    let store = Store::open_under(path, KEY)?;
    let contents = Contents::of(&store);
    let identity = identify(&contents);
    let refused = |text: String| Err(Error::File(format!("{} {text}.", path.display())));
    if !matches!(identity.kind, WeightsKind::TextualInversion | WeightsKind::Unknown) {
        return refused(format!("is {} and not a textual inversion", identity.kind.label()));
    }
    let fits = |shape: &[usize]| matches!(shape, [w] | [_, w] if *w == width);
    let widths = inversion_widths(&contents);
    // SDXL's hold vectors for two text encoders, of which one has the width of Stable Diffusion 1.x.
    let found = contents.shapes.iter().find(|(_, shape)| fits(shape)).filter(|_| identity.family != Some(Family::Sdxl));
    let Some((name, _)) = found else {
        let of = identity.family.map_or(String::new(), |family| format!(" for {}", family.label()));
        return refused(format!(
            "is a textual inversion{of}: its vectors have {widths:?} numbers, and this model's text encoder needs {width}"
        ));
    };
    let tensor = store.read(path, name)?.ok_or_else(|| malformed("its numbers are missing".into()))?;
    let vectors = tensor.to_dtype(DType::F32)?.reshape(((), width))?;
    if !(1..=MOST_VECTORS).contains(&vectors.dim(0)?) {
        return Err(malformed(format!("it has {} vectors, more than a prompt has room for", vectors.dim(0)?)));
    }
    if !vectors.sum_all()?.to_scalar::<f32>()?.is_finite() {
        return Err(malformed("some of its values are not numbers (NaN)".into()));
    }
    Ok(vectors)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    // Written by tests/fixtures/small_ckpt.py with PyTorch 2.15.
    fn fixtures() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("folder");
        std::fs::create_dir(folder.path().join("style")).expect("folder");
        for (from, to) in [("word.pt", "Ink Wash.pt"), ("word.bin", "style/ink.bin"), ("hostile.ckpt", "bad.pt")] {
            std::fs::copy(fixtures().join(from), folder.path().join(to)).expect("copies");
        }
        folder
    }

    #[test]
    fn both_kinds_of_file_give_their_vectors_to_the_words_that_are_said() {
        let folder = folder();
        let found = look_up(&["an (INK wash:1.2) apple", "ink"], Some(folder.path()), 128);
        let about: Vec<_> = found.embeddings.iter().map(|e| (e.word.as_str(), e.vectors.dims().to_vec())).collect();
        assert_eq!(about, [("Ink Wash", vec![2, 128]), ("ink", vec![1, 128])]);
        assert!(found.notices.is_empty());
        let first: Vec<f32> = found.embeddings[0].vectors.flatten_all().and_then(|t| t.to_vec1()).expect("numbers");
        assert_eq!((first[0], first[255]), (-2.0, 255.0 / 64.0 - 2.0));
    }

    #[test]
    fn a_file_whose_name_lies_inside_a_word_is_not_even_opened() {
        let folder = folder();
        for prompt in ["drinking from a badge", "an apple", "ink_wash, bad_hands, bad2", "(in)k wash"] {
            let found = look_up(&[prompt], Some(folder.path()), 128);
            assert!(found.embeddings.is_empty() && found.notices.is_empty(), "{prompt}: {:?}", found.notices);
        }
        for prompt in ["ink", "(ink)wash", "[ink:ink:3]", r"\(ink\)", "ink, ink-style; 'ink'"] {
            assert_eq!(look_up(&[prompt], Some(folder.path()), 128).embeddings.len(), 1, "{prompt}");
        }
        assert!(look_up(&["ink"], None, 128).embeddings.is_empty());
    }

    #[test]
    fn what_cannot_be_used_is_skipped_and_said() {
        let folder = folder();
        std::fs::write(folder.path().join("cut.safetensors"), b"\x40\0\0\0\0\0\0\0{").expect("writes");
        let found = look_up(&["ink cut bad"], Some(folder.path()), 768);
        assert!(found.embeddings.is_empty());
        for word in ["\"ink\"", "[128] numbers", "needs 768", "posix.system", "cut short"] {
            assert!(found.notices.iter().any(|notice| notice.contains(word)), "{word}: {:?}", found.notices);
        }
        assert_eq!(found.notices.len(), 3);
    }

    #[test]
    fn the_vectors_of_sdxl_are_not_half_used() {
        let folder = tempfile::tempdir().expect("folder");
        let zeros = |width| Tensor::zeros((2, width), DType::F32, &candle_core::Device::Cpu).expect("zeros");
        let tensors = std::collections::HashMap::from([("clip_g", zeros(1280)), ("clip_l", zeros(768))]);
        candle_core::safetensors::save(&tensors, folder.path().join("xl.safetensors")).expect("writes");
        let found = look_up(&["xl"], Some(folder.path()), 768);
        assert!(found.embeddings.is_empty() && found.notices[0].contains("SDXL"), "{:?}", found.notices);
    }
}
