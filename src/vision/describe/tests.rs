//! The captioner against transformers' BLIP, with tiny random weights (`comparison/captions_and_depth.py`).

use std::collections::HashMap;
use std::path::Path;

use candle_core::{DType, Device, Tensor};
use image::RgbImage;

use super::*;
use crate::diffusion::kind_tests::{fixture, gap};

/// How far the numbers may be from PyTorch's, relative to the largest.
const CLOSE: f32 = 1e-4;

fn captioner() -> Captioner {
    Captioner::load(&fixture("captioner"), &Cancel::default()).expect("loads")
}

fn reference() -> HashMap<String, Tensor> {
    candle_core::safetensors::load(fixture("captioner").join("reference.safetensors"), &Device::Cpu).expect("reads")
}

fn picture(reference: &HashMap<String, Tensor>, number: usize) -> RgbImage {
    let pixels = &reference[&format!("picture{number}")];
    let (height, width, _) = pixels.dims3().expect("a picture");
    let bytes = pixels.flatten_all().and_then(|all| all.to_vec1::<u8>()).expect("bytes");
    RgbImage::from_raw(width as u32, height as u32, bytes).expect("fits")
}

fn tokens(reference: &HashMap<String, Tensor>, number: usize) -> Vec<u32> {
    let all = reference[&format!("tokens{number}")].to_dtype(DType::U32).and_then(|all| all.to_vec1()).expect("tokens");
    // Behind the first token, and before the last one where that ends the caption.
    all[1..].iter().copied().take_while(|token| *token != 3).collect()
}

#[test]
fn pictures_are_prepared_as_blips_processor_does() {
    let reference = reference();
    for number in 0..3 {
        let values = prepared(&picture(&reference, number), (24, 24), CLIP).expect("prepares");
        assert!(gap(&values, &reference[&format!("values{number}")]) < 1e-6, "{number}");
    }
}

#[test]
fn the_embedding_and_every_logit_are_pytorchs() {
    let (mut captioner, reference) = (captioner(), reference());
    for number in 0..3 {
        let embedding = captioner.embed(&reference[&format!("values{number}")]).expect("embeds");
        assert!(gap(&embedding, &reference[&format!("embedding{number}")]) < CLOSE, "{number}");
        captioner.network.reset_kv_cache();
        let logits = &reference[&format!("logits{number}")];
        let given = std::iter::once(captioner.config.start()).chain(tokens(&reference, number));
        for (at, token) in given.enumerate() {
            let ours =
                Tensor::new(captioner.logits(token, &embedding).expect("computes"), &Device::Cpu).expect("tensor");
            let theirs = logits.get(0).and_then(|all| all.get(at)).expect("a position");
            assert!(gap(&ours, &theirs) < CLOSE, "{number} at {at}");
        }
    }
}

#[test]
fn captions_are_those_of_greedy_decoding_in_transformers() {
    let (mut captioner, reference) = (captioner(), reference());
    let mut lengths = Vec::new();
    for number in 0..3 {
        let want = tokens(&reference, number);
        let caption = captioner.caption(&picture(&reference, number), &Cancel::default()).expect("describes");
        assert_eq!(caption, captioner.words.text(&want), "{number}");
        let embedding = captioner.embed(&reference[&format!("values{number}")]).expect("embeds");
        assert_eq!(captioner.decode(&embedding, &Cancel::default()).expect("decodes"), want, "{number}");
        lengths.push(want.len());
    }
    assert!(lengths.contains(&MOST_TOKENS) && lengths.iter().any(|length| *length < MOST_TOKENS), "{lengths:?}");
}

#[test]
fn a_cancelled_caption_ends_and_the_next_one_is_whole() {
    let (mut captioner, reference) = (captioner(), reference());
    let picture = picture(&reference, 0);
    let whole = captioner.caption(&picture, &Cancel::default()).expect("describes");
    let cancel = Cancel::default();
    cancel.cancel();
    let embedding = captioner.embed(&reference["values0"]).expect("embeds");
    assert!(matches!(captioner.decode(&embedding, &cancel), Err(Error::Cancelled)));
    assert!(matches!(captioner.caption(&picture, &cancel), Err(Error::Cancelled)));
    assert_eq!(captioner.caption(&picture, &Cancel::default()).expect("describes"), whole);
    assert!(matches!(Captioner::load(&fixture("captioner"), &cancel), Err(Error::Cancelled)));
    let nothing = captioner.caption(&RgbImage::new(0, 3), &Cancel::default()).expect_err("refused").to_string();
    assert!(nothing.contains("no pixels"), "{nothing}");
}

#[test]
fn other_files_are_refused_in_one_sentence() {
    let refused = |path: &Path| Captioner::load(path, &Cancel::default()).map(|_| ()).expect_err("refused").to_string();
    let other = refused(&fixture("upscaler.safetensors"));
    assert!(other.contains("upscaler.safetensors") && other.contains("models fetch blip"), "{other}");
    let nothing = refused(Path::new("/no/such/folder"));
    assert!(nothing.contains("/no/such/folder") && nothing.contains("models fetch blip"), "{nothing}");
    // The folder without one of its files, and with a config of another shape.
    let folder = tempfile::tempdir().expect("folder");
    let copy = |name: &str| {
        std::fs::copy(fixture("captioner").join(name), folder.path().join(name)).expect("copies");
    };
    copy("model.safetensors");
    assert!(refused(folder.path()).contains("config.json"));
    copy("config.json");
    assert!(refused(folder.path()).contains("tokenizer.json"));
    copy("vocab.txt");
    let config = std::fs::read_to_string(folder.path().join("config.json")).expect("reads");
    let spoiled = config.replace("\"max_position_embeddings\": 40", "\"max_position_embeddings\": 41");
    std::fs::write(folder.path().join("config.json"), spoiled).expect("writes");
    let unfit = refused(folder.path());
    assert!(unfit.contains("position_embeddings") && unfit.contains("[40, 16]"), "{unfit}");
    // A file that is cut short.
    std::fs::write(folder.path().join("config.json"), config).expect("writes");
    let weights = std::fs::read(folder.path().join("model.safetensors")).expect("reads");
    std::fs::write(folder.path().join("model.safetensors"), &weights[..weights.len() / 2]).expect("writes");
    assert!(refused(folder.path()).contains("model.safetensors"));
}
