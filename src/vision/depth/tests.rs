//! Depth against transformers' Depth Anything, with tiny random weights (`comparison/captions_and_depth.py`).

use std::collections::HashMap;
use std::path::Path;

use candle_core::{DType, Device, IndexOp, Tensor};
use image::RgbImage;

use super::*;
use crate::diffusion::kind_tests::{fixture, gap};

/// How far the numbers may be from PyTorch's, relative to the largest.
const CLOSE: f32 = 1e-4;

fn estimator() -> DepthEstimator {
    DepthEstimator::load(&fixture("depth"), &Cancel::default()).expect("loads")
}

fn reference() -> HashMap<String, Tensor> {
    candle_core::safetensors::load(fixture("depth").join("reference.safetensors"), &Device::Cpu).expect("reads")
}

fn picture(reference: &HashMap<String, Tensor>, number: usize) -> RgbImage {
    let pixels = &reference[&format!("picture{number}")];
    let (height, width, _) = pixels.dims3().expect("a picture");
    let bytes = pixels.flatten_all().and_then(|all| all.to_vec1::<u8>()).expect("bytes");
    RgbImage::from_raw(width as u32, height as u32, bytes).expect("fits")
}

#[test]
fn pictures_are_prepared_in_the_size_and_values_of_dpts_processor() {
    let reference = reference();
    let sizes = reference["sizes"].to_dtype(DType::U32).and_then(|sizes| sizes.to_vec2::<u32>()).expect("numbers");
    assert!(sizes.len() >= 5);
    for size in sizes {
        assert_eq!(prepared_size((size[0], size[1]), 518, 14), (size[2], size[3]), "{size:?}");
    }
    for number in 0..3 {
        let picture = picture(&reference, number);
        let size = prepared_size(picture.dimensions(), 16, 4);
        let values = prepared(&picture, size, IMAGENET).expect("prepares");
        assert!(gap(&values, &reference[&format!("values{number}")]) < 1e-6, "{number}");
    }
}

#[test]
fn depth_is_pytorchs_for_square_pictures_and_others() {
    let (estimator, reference) = (estimator(), reference());
    for number in 0..3 {
        let depth = estimator.depth(&reference[&format!("values{number}")], &Cancel::default()).expect("estimates");
        assert!(gap(&depth, &reference[&format!("depth{number}")]) < CLOSE, "{number}");
    }
}

#[test]
fn a_depth_map_has_the_size_of_its_picture_and_the_levels_of_the_extension() {
    let (estimator, reference) = (estimator(), reference());
    for number in 0..3 {
        let picture = picture(&reference, number);
        let map = estimator.estimate(&picture, &Cancel::default()).expect("estimates");
        assert_eq!(map.dimensions(), picture.dimensions());
        let levels =
            reference[&format!("levels{number}")].flatten_all().and_then(|all| all.to_vec1::<f32>()).expect("levels");
        for (ours, theirs) in map.as_raw().iter().zip(&levels) {
            // Cut to whole numbers, so that a rounding error can be one level.
            assert!((f32::from(*ours) + 0.5 - theirs).abs() < 0.6, "{number}: {ours} {theirs}");
        }
        assert_eq!(map.as_raw().iter().min(), Some(&0), "the farthest is black");
        assert!(map.as_raw().iter().any(|level| *level >= 254), "the nearest is white");
    }
}

#[test]
fn files_with_the_original_names_give_the_same() {
    let weights =
        candle_core::safetensors::load(fixture("depth").join("model.safetensors"), &Device::Cpu).expect("reads");
    let mut renamed: HashMap<String, Tensor> = HashMap::new();
    for (name, tensor) in &weights {
        if !name.contains("attention.attention.") && !name.contains("mask_token") {
            renamed.insert(original_name(name), tensor.clone());
        }
    }
    for layer in 0..4 {
        for end in ["weight", "bias"] {
            let part =
                |part: &str| &weights[&format!("backbone.encoder.layer.{layer}.attention.attention.{part}.{end}")];
            let joined = Tensor::cat(&[part("query"), part("key"), part("value")], 0).expect("joins");
            renamed.insert(format!("pretrained.blocks.{layer}.attn.qkv.{end}"), joined);
        }
    }
    assert_eq!(renamed.len(), weights.len() - 1 - 4 * 4);
    for name in [
        "pretrained.patch_embed.proj.weight",
        "pretrained.blocks.3.attn.proj.bias",
        "pretrained.blocks.0.ls2.gamma",
        "pretrained.norm.weight",
        "depth_head.projects.3.bias",
        "depth_head.resize_layers.3.weight",
        "depth_head.scratch.layer4_rn.weight",
        "depth_head.scratch.refinenet4.resConfUnit2.conv1.weight",
        "depth_head.scratch.refinenet1.out_conv.bias",
        "depth_head.scratch.output_conv1.weight",
        "depth_head.scratch.output_conv2.2.bias",
    ] {
        assert!(renamed.contains_key(name), "{name}");
    }
    let folder = tempfile::tempdir().expect("folder");
    let file = folder.path().join("depth_anything_v2_vits.safetensors");
    candle_core::safetensors::save(&renamed, &file).expect("writes");
    std::fs::copy(fixture("depth").join("config.json"), folder.path().join("config.json")).expect("copies");
    let original = DepthEstimator::load(&file, &Cancel::default()).expect("loads");
    let (picture, ours) = (picture(&reference(), 1), estimator());
    let [a, b] = [&original, &ours].map(|one| one.estimate(&picture, &Cancel::default()).expect("estimates"));
    assert_eq!(a, b);
}

#[test]
fn one_colour_is_black_and_cancelling_ends_it() {
    assert_eq!(levels(&[0.5; 4]), [0; 4]);
    assert_eq!(levels(&[1.0, 3.0, 2.0]), [0, 255, 127]);
    let (estimator, cancel) = (estimator(), Cancel::default());
    cancel.cancel();
    let picture = RgbImage::new(16, 16);
    assert!(matches!(estimator.estimate(&picture, &cancel), Err(Error::Cancelled)));
    assert!(matches!(DepthEstimator::load(&fixture("depth"), &cancel), Err(Error::Cancelled)));
    let nothing = estimator.estimate(&RgbImage::new(3, 0), &Cancel::default()).expect_err("refused").to_string();
    assert!(nothing.contains("no pixels"), "{nothing}");
    assert!(estimator.estimate(&RgbImage::new(1, 1), &Cancel::default()).is_ok());
}

#[test]
fn other_files_are_refused_in_one_sentence() {
    let refused =
        |path: &Path| DepthEstimator::load(path, &Cancel::default()).map(|_| ()).expect_err("refused").to_string();
    for path in [fixture("upscaler.safetensors"), fixture("captioner"), fixture("no-such-folder")] {
        let text = refused(&path);
        let name = path.file_name().expect("name").to_string_lossy().into_owned();
        assert!(text.contains(&name) && text.contains("models fetch depth-anything-v2-small"), "{text}");
    }
    let folder = tempfile::tempdir().expect("folder");
    std::fs::copy(fixture("depth").join("model.safetensors"), folder.path().join("model.safetensors")).expect("copies");
    let config = std::fs::read_to_string(fixture("depth").join("config.json")).expect("reads");
    for (from, to, says) in [
        ("\"relative\"", "\"metric\"", "in metres"),
        ("\"num_attention_heads\": 2", "\"num_attention_heads\": 3", "3 heads"),
        ("\"out_indices\": [", "\"out_indices\": [9,", "which of them count"),
        ("{", "", "config.json"),
    ] {
        std::fs::write(folder.path().join("config.json"), config.replacen(from, to, 1)).expect("writes");
        let text = refused(folder.path());
        assert!(text.contains(says), "{text}");
    }
    // Without the config a network of so few layers is not known.
    std::fs::remove_file(folder.path().join("config.json")).expect("removes");
    assert!(refused(folder.path()).contains("depth"));
}

#[test]
fn the_interpolated_places_are_the_learned_ones_in_their_own_grid() {
    let places = Tensor::randn(0f32, 1.0, (1, 16, 3), &Device::Cpu).expect("numbers");
    let same = positions::resized(&places, 4, (4, 4)).expect("resizes");
    assert_eq!(gap(&same, &places), 0.0);
    let constant = Tensor::ones((1, 16, 3), DType::F32, &Device::Cpu).expect("numbers");
    let larger = positions::resized(&constant, 4, (7, 5)).expect("resizes");
    assert_eq!(larger.dims(), [1, 35, 3]);
    let first = larger.i((0, 0, 0)).and_then(|one| one.to_scalar::<f32>()).expect("a number");
    assert!((first - 1.0).abs() < 1e-6);
}
