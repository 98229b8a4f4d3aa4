use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use candle_core::{DType, Shape};
use candle_nn::var_builder::SimpleBackend;
use serde_json::Value;

use super::*;
use crate::diffusion::kind_tests::{fixture, gap, weight};

/// Weights by the rule of model_kinds.py, and a list of what was asked for.
#[derive(Clone, Default)]
struct ByRule(Arc<Mutex<HashMap<String, Tensor>>>);

impl SimpleBackend for ByRule {
    fn get(&self, s: Shape, name: &str, _: candle_nn::Init, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        let tensor = by_rule(name, s.dims())?;
        self.0.lock().expect("no panic").insert(name.to_owned(), tensor.clone());
        Ok(tensor)
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> candle_core::Result<Tensor> {
        candle_core::bail!("{name} has no shape")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}

/// The rule of mobile_sam.py.
fn by_rule(name: &str, shape: &[usize]) -> candle_core::Result<Tensor> {
    let scales = shape.len() == 1
        && !name.contains("norm")
        && [".weight", ".running_var"].iter().any(|ending| name.ends_with(ending));
    weight(name, shape).to_dtype(DType::F32)? + f64::from(u8::from(scales))
}

fn picture(width: u32, height: u32) -> RgbImage {
    RgbImage::from_fn(width, height, |x, y| image::Rgb([(x * 5) as u8, (y * 3) as u8, (x + 2 * y) as u8]))
}

/// The tensors of a network by the rule.
fn tensors() -> HashMap<String, Tensor> {
    let rule = ByRule::default();
    Segmenter::new(VarBuilder::from_backend(Box::new(rule.clone()), DType::F32, Device::Cpu)).expect("builds");
    rule.0.lock().expect("no panic").clone()
}

#[test]
fn a_file_is_loaded_and_what_does_not_fit_is_said() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("sam.safetensors");
    let cancel = Cancel::default();
    let says = |tensors: &HashMap<String, Tensor>, text: &str| {
        candle_core::safetensors::save(tensors, &path).expect("writes");
        let error = Segmenter::load(&path, &cancel).err().expect(text).to_string();
        assert!(error.contains(text), "{error}");
    };
    let mut tensors = tensors();
    let neck = tensors.remove("image_encoder.neck.0.weight").expect("there");
    says(&tensors, "image_encoder.neck.0.weight is missing");
    let flat = neck.flatten_all().expect("flattens");
    tensors.insert("image_encoder.neck.0.weight".into(), flat);
    says(&tensors, "is not a file of MobileSAM");
    tensors.insert("image_encoder.neck.0.weight".into(), neck);
    let first = tensors.remove("image_encoder.patch_embed.seq.0.c.weight").expect("there");
    says(&tensors, "another encoder");
    tensors.insert("image_encoder.patch_embed.seq.0.c.weight".into(), first.clone());
    says(&HashMap::from([("a".to_owned(), first)]), "not a Segment Anything network");
    candle_core::safetensors::save(&tensors, &path).expect("writes");
    let segmenter = Segmenter::load(&path, &cancel).expect("loads");
    let embedding = segmenter.embed(&picture(100, 60), &cancel).expect("embeds");
    let point = PromptPoint { x: 30.0, y: 30.0, is_inside: true };
    let prompt = ObjectPrompt { points: vec![point], area: None };
    let mask = segmenter.select(&embedding, &prompt, &cancel).expect("selects");
    assert_eq!(mask.dimensions(), (100, 60));
    cancel.cancel();
    assert!(matches!(segmenter.select(&embedding, &prompt, &cancel), Err(Error::Cancelled)));
    assert!(matches!(segmenter.embed(&picture(9, 9), &cancel), Err(Error::Cancelled)));
    assert!(matches!(Segmenter::load(&path, &cancel), Err(Error::Cancelled)));
    assert!(
        Segmenter::load(&folder.path().join("none"), &cancel)
            .err()
            .expect("refused")
            .to_string()
            .contains("There is no")
    );
}

/// What tests/fixtures/mobile_sam.py wrote about the network, and its samples.
fn reference() -> (Value, HashMap<String, Tensor>) {
    let about = serde_json::from_slice(&std::fs::read(fixture("mobile_sam.json")).expect("reads")).expect("JSON");
    (about, candle_core::safetensors::load(fixture("mobile_sam.safetensors"), &Device::Cpu).expect("reads"))
}

/// Every so many numbers, as the script keeps them.
fn kept(about: &Value, of: &str, values: Vec<f32>) -> Tensor {
    let stride = about["strides"][of].as_u64().expect("a number") as usize;
    let values: Vec<f32> = values.into_iter().step_by(stride).collect();
    let count = values.len();
    Tensor::from_vec(values, count, &Device::Cpu).expect("tensor")
}

fn prompt(about: &Value) -> ObjectPrompt {
    let number = |value: &Value| value.as_f64().expect("a number") as f32;
    let points = about["points"].as_array().expect("points").iter();
    let points = points.map(|p| PromptPoint { x: number(&p[0]), y: number(&p[1]), is_inside: number(&p[2]) > 0.0 });
    let area = about["box"].as_array().map(|edges| PromptBox {
        left: number(&edges[0]),
        top: number(&edges[1]),
        right: number(&edges[2]),
        bottom: number(&edges[3]),
    });
    ObjectPrompt { points: points.collect(), area }
}

/// The published network against PyTorch with the original code, whose mask decoder has the library's approximation of GELU or
/// the exact function. Masks are farther from those of the exact one.
#[test]
fn embedding_and_masks_agree_with_pytorch() {
    let (about, reference) = reference();
    let tensors = tensors();
    let shapes: HashMap<String, Vec<usize>> = serde_json::from_value(about["shapes"].clone()).expect("shapes");
    for (name, tensor) in &tensors {
        assert_eq!(shapes.get(name).map(Vec::as_slice), Some(tensor.dims()), "{name}");
    }
    let segmenter = Segmenter::new(VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu)).expect("builds");
    let cancel = Cancel::default();
    let embedding = segmenter.embed(&picture(1024, 600), &cancel).expect("embeds");
    let vectors = embedding.vectors.flatten_all().and_then(|t| t.to_vec1::<f32>()).expect("numbers");
    let vectors = kept(&about, "embedding", vectors);
    let check = |name: &str, ours: &Tensor, most: f32| {
        let gap = gap(ours, &reference[name]);
        println!("{name}: {gap:e}");
        assert!(gap < most, "{name}: {gap}");
    };
    check("exact.embedding", &vectors, 1e-4);
    for (name, of) in about["prompts"].as_object().expect("prompts") {
        let logits = segmenter.logits(&embedding, &prompt(of), &cancel).expect("selects");
        let logits = kept(&about, "mask", logits);
        check(&format!("tanh.{name}.mask"), &logits, 1e-4);
        check(&format!("exact.{name}.mask"), &logits, 1e-3);
    }
}

#[test]
fn masks_are_enlarged_as_in_pytorch() {
    let (about, reference) = reference();
    let logits: Vec<f32> = (0..256 * 256).map(|i| (i * 7919 % 1009 - 504) as f32).collect();
    for (name, size) in about["enlarged"].as_object().expect("sizes") {
        let side = |i: usize| size[i].as_u64().expect("a number") as u32;
        let fit = EncoderFit::new((side(0), side(1)), ENCODER_SIDE).expect("pixels");
        let enlarged = mask::Enlarged::new(&logits, &fit);
        let pixels = (0..side(1) as usize).flat_map(|y| enlarged.row(y)).collect();
        let gap = gap(&kept(&about, "enlarged", pixels), &reference[&format!("enlarged.{name}")]);
        println!("{name}: {gap:e}");
        assert!(gap < 1e-4, "{name}: {gap}");
    }
}
