//! Reports on files of every kind, made small.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use serde_json::Value;

use super::*;
use crate::diffusion::files::checkpoint::tests::{autoencoder, clip, open_clip, unet, write};
use crate::diffusion::files::checkpoint::{AUTOENCODER, CLIP, OPEN_CLIP, UNET};

fn json(report: &ModelReport) -> Value {
    serde_json::to_value(report).expect("serialises")
}

fn zeros(shape: &[usize]) -> Tensor {
    Tensor::zeros(shape, DType::F32, &Device::Cpu).expect("zeros")
}

fn save(path: &Path, tensors: Vec<(String, Tensor)>) {
    candle_core::safetensors::save(&tensors.into_iter().collect::<HashMap<_, _>>(), path).expect("writes");
}

#[test]
fn a_model_is_described_with_its_parts() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("dream.safetensors");
    write(&path, &[(UNET, unet(false)), (AUTOENCODER, autoencoder()), (CLIP, clip())]);
    let report = json(&inspect_model(&path));
    assert_eq!(
        (&report["kind"], &report["usable"], &report["family"]),
        (&"model".into(), &true.into(), &"sd1".into()),
        "{report}"
    );
    assert_eq!((&report["container"], &report["prediction"]), (&"safetensors".into(), &"epsilon".into()));
    assert_eq!(report["precision"].as_object().expect("formats").keys().collect::<Vec<_>>(), ["f16"]);
    assert_eq!(report["size"], std::fs::metadata(&path).expect("is there").len());
    for part in report["parts"].as_array().expect("parts") {
        assert!(part["present"] == true && part["missing_tensors"] == Value::Array(vec![]), "{part}");
    }
    assert!(
        report["sentence"]
            .as_str()
            .is_some_and(|text| text.contains("Stable Diffusion 1.x") && text.contains("can be used"))
    );

    write(&path, &[(UNET, unet(true)), (AUTOENCODER, autoencoder()), (OPEN_CLIP, open_clip())]);
    let report = json(&inspect_model(&path));
    // Whether it predicts the velocity, only a trial tells.
    assert_eq!(
        (&report["family"], &report["prediction"], &report["usable"]),
        (&"sd2".into(), &Value::Null, &true.into()),
        "{report}"
    );
}

#[test]
fn what_a_model_lacks_is_listed() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("dream.safetensors");
    write(&path, &[(UNET, unet(false)), (CLIP, clip())]);
    let report = inspect_model(&path);
    assert!(report.usable && report.sentence.contains("--vae"), "{}", report.sentence);
    assert!(report.parts.iter().any(|part| part.name == "vae" && !part.present));

    let mut holed = unet(false);
    holed.remove("middle_block.1.norm.weight");
    write(&path, &[(UNET, holed), (AUTOENCODER, autoencoder()), (CLIP, clip())]);
    let report = inspect_model(&path);
    assert!(!report.usable && report.sentence.contains("mid_block.attentions.0.norm.weight"), "{}", report.sentence);
    assert_eq!(report.parts[0].missing_tensors, ["mid_block.attentions.0.norm.weight"]);

    write(&path, &[(UNET, unet(false))]);
    let report = inspect_model(&path);
    assert!(!report.usable && report.sentence.contains("no text encoder"), "{}", report.sentence);
}

#[test]
fn the_sentence_is_the_one_that_loading_gives() {
    use crate::diffusion::LocalEngine;
    use crate::engine::{Cancel, Engine, ModelChoice};
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join(name);
    save(&at("control.safetensors"), vec![("control_model.input_hint_block.0.weight".into(), zeros(&[1]))]);
    save(&at("flux.safetensors"), vec![("double_blocks.0.img_attn.qkv.weight".into(), zeros(&[1]))]);
    std::fs::write(at("model.gguf"), b"GGUF\x03\0\0\0").expect("writes");
    std::fs::write(at("page.safetensors"), b"<!doctype html>").expect("writes");
    std::fs::create_dir(at("folder")).expect("folder");
    // A ControlNet is loaded as one.
    let error = ControlFile::open(&at("control.safetensors")).map(|_| ()).expect_err("it is incomplete").to_string();
    let report = inspect_model(&at("control.safetensors"));
    assert!(!report.usable && report.sentence == error, "{} / {error}", report.sentence);
    for name in ["flux.safetensors", "model.gguf", "page.safetensors", "folder"] {
        let report = inspect_model(&at(name));
        let choice = ModelChoice::Path(at(name));
        let error = LocalEngine::default().load(&choice, &Cancel::default()).map(|_| ()).expect_err(name).to_string();
        assert!(!report.usable && report.sentence == error, "{name}: {} / {error}", report.sentence);
    }
}

#[test]
fn a_lora_says_which_models_its_layers_fit() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("ink.safetensors");
    let layer = |name: &str, rank: usize, from: usize, to: usize| {
        vec![
            (format!("{name}.lora_down.weight"), zeros(&[rank, from])),
            (format!("{name}.lora_up.weight"), zeros(&[to, rank])),
            (format!("{name}.alpha"), zeros(&[1])),
        ]
    };
    let read = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
    save(
        &path,
        [
            layer(read, 4, 768, 320),
            layer("lora_unet_mid_block_attentions_0_transformer_blocks_0_ff_net_2", 8, 5120, 1280),
            layer("lora_te_text_model_encoder_layers_0_mlp_fc1", 8, 768, 3072),
            layer("lora_unet_no_such_layer", 8, 4, 4),
            vec![("odd".into(), zeros(&[1]))],
        ]
        .concat(),
    );
    let report = json(&inspect_model(&path));
    let lora = &report["lora"];
    assert_eq!(
        (&report["kind"], &report["usable"], &report["family"]),
        (&"lora".into(), &true.into(), &"sd1".into()),
        "{report}"
    );
    assert_eq!(lora["algorithms"], serde_json::json!({"lora": 4}));
    assert_eq!(
        (&lora["ranks"], &lora["layers"], &lora["unknown_tensors"]),
        (&serde_json::json!([4, 8]), &4.into(), &1.into())
    );
    let fits = serde_json::json!([
        {"family": "sd1", "unet": 2, "text_encoder": 1},
        {"family": "sd2", "unet": 1, "text_encoder": 0}
    ]);
    assert_eq!(lora["fits"], fits);
    let sentence = report["sentence"].as_str().expect("a sentence");
    assert!(
        sentence.contains("ranks 4 to 8") && sentence.contains("it fits Stable Diffusion 1.x with 3 of 4 layers"),
        "{sentence}"
    );
    assert!(sentence.contains("<lora:ink:1>"), "{sentence}");

    save(&path, layer("lora_te1_text_model_encoder_layers_0_mlp_fc1", 8, 768, 3072));
    let report = inspect_model(&path);
    assert!(!report.usable && report.sentence.contains("LoRA for SDXL"), "{}", report.sentence);
}

#[test]
fn inversions_and_autoencoders_are_described() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join(name);
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let report = inspect_model(&fixtures.join("word.pt"));
    // The starter's text encoder has this width.
    assert_eq!((report.kind, report.usable), (WeightsKind::TextualInversion, true), "{}", report.sentence);
    assert!(report.sentence.contains("is a textual inversion for the starter of 2 vectors"), "{}", report.sentence);
    save(&at("odd.safetensors"), vec![("emb_params".into(), zeros(&[3, 500]))]);
    let report = inspect_model(&at("odd.safetensors"));
    assert!(!report.usable && report.sentence.contains("have 500 numbers"), "{}", report.sentence);
    save(&at("dog.safetensors"), vec![("emb_params".into(), zeros(&[3, 1024]))]);
    let report = json(&inspect_model(&at("dog.safetensors")));
    assert_eq!((&report["usable"], &report["family"]), (&true.into(), &"sd2".into()), "{report}");
    assert_eq!(report["textual_inversion"], serde_json::json!({"vectors": 3, "widths": [1024]}));

    write(&at("vae.safetensors"), &[("", autoencoder())]);
    let report = json(&inspect_model(&at("vae.safetensors")));
    assert_eq!((&report["kind"], &report["usable"]), (&"vae".into(), &true.into()), "{report}");
    assert_eq!(report["vae"], serde_json::json!({"latent_channels": 4}));
    save(
        &at("flux.safetensors"),
        vec![
            ("decoder.conv_in.weight".into(), zeros(&[512, 16, 3, 3])),
            ("encoder.conv_in.weight".into(), zeros(&[128, 3, 3, 3])),
        ],
    );
    let report = inspect_model(&at("flux.safetensors"));
    assert!(!report.usable && report.sentence.contains("16 channels"), "{}", report.sentence);
}

#[test]
fn the_starters_folder_is_a_model_and_nothing_is_not() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter");
    let report = json(&inspect_model(&folder));
    assert_eq!((&report["container"], &report["usable"]), (&"folder".into(), &true.into()), "{report}");
    assert_eq!(report["prediction"], "v_prediction");
    assert!(report["size"].as_u64() > Some(1_000_000) && report["tensors"].as_u64() > Some(100), "{report}");
    let vae = inspect_model(&folder.join("vae"));
    assert!(vae.usable && vae.kind != WeightsKind::Model, "{}", vae.sentence);
    let report = inspect_model(&folder.join("none"));
    assert!(
        !report.usable && report.container.is_none() && report.sentence.contains("There is no file"),
        "{}",
        report.sentence
    );
}
