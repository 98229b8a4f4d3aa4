//! Models from folders: the ordinary way in, and what happens when a folder is not right.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use underpaint::diffusion::LocalEngine;
use underpaint::engine::{Cancel, Dtype, Engine, Error, Event, ModelChoice, Request, Runtime, Settings};

fn starter() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/starter")
}

/// A copy of the starter's folder, to be spoiled.
fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("folder");
    for part in std::fs::read_dir(starter()).expect("list") {
        let part = part.expect("entry").path();
        if part.is_dir() {
            let to = folder.path().join(part.file_name().expect("name"));
            std::fs::create_dir(&to).expect("folder");
            for file in std::fs::read_dir(&part).expect("list") {
                let file = file.expect("entry").path();
                std::fs::copy(&file, to.join(file.file_name().expect("name"))).expect("copies");
            }
        }
    }
    folder
}

fn job(steps: usize, batch: usize) -> Settings {
    Settings { width: 128, height: 128, steps, batch, seed: 5, ..Settings::default() }
}

fn run(engine: &mut LocalEngine, choice: &ModelChoice, settings: &Settings) -> Result<Vec<image::RgbImage>, Error> {
    run_request(engine, &Request::new(choice.clone(), settings.clone(), None))
}

fn run_request(engine: &mut LocalEngine, request: &Request) -> Result<Vec<image::RgbImage>, Error> {
    let mut made = Vec::new();
    engine.generate(request, &Cancel::default(), &mut |event| {
        if let Event::Finished(picture) = event {
            made.push(picture.picture);
        }
    })?;
    Ok(made)
}

#[test]
fn a_folder_and_the_built_in_starter_give_the_same_picture() {
    let mut engine = LocalEngine::default();
    let built_in = run(&mut engine, &ModelChoice::Starter, &job(2, 1)).expect("starter");
    let folder = run(&mut engine, &ModelChoice::Path(starter()), &job(2, 1)).expect("folder");
    assert!(built_in == folder);
}

#[test]
fn bfloat16_draws_the_same_picture_as_f32() {
    let sketch = image::RgbImage::from_fn(256, 256, |x, y| {
        let away = f64::from(x.abs_diff(128)).hypot(f64::from(y.abs_diff(128)));
        if away < 90.0 { image::Rgb([70, 150, 60]) } else { image::Rgb([235, 230, 220]) }
    });
    let settings = Settings {
        prompt: "a green apple".into(),
        width: 256,
        height: 256,
        batch: 1,
        seed: 5,
        cfg_scale: 3.0,
        strength: 0.5,
        ..Settings::default()
    };
    let request = Request::new(ModelChoice::Starter, settings, Some(Arc::new(sketch)));
    let with = |dtype| {
        let mut engine = LocalEngine::new(Runtime { dtype, ..Runtime::default() });
        run_request(&mut engine, &request).expect("runs").remove(0)
    };
    let (exact, close) = (with(Dtype::F32), with(Dtype::Bf16));
    let error: f64 = exact.iter().zip(close.iter()).map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2)).sum();
    let psnr = 10.0 * (255.0f64.powi(2) / (error / exact.len() as f64)).log10();
    println!("{psnr:.1} dB");
    assert!(exact != close && psnr > 35.0, "{psnr} dB");
}

#[test]
fn steps_without_guidance_follow_the_prompt_alone() {
    let mut engine = LocalEngine::default();
    let mut with = |guided: f64, cfg_scale: f64| {
        let mut job = job(4, 1);
        (job.guided, job.cfg_scale) = (guided, cfg_scale);
        run(&mut engine, &ModelChoice::Starter, &job).expect("runs").remove(0)
    };
    let (whole, half, none) = (with(1.0, 6.0), with(0.5, 6.0), with(0.0, 6.0));
    assert!(whole != half && half != none);
    assert!(none == with(1.0, 1.0));
}

#[test]
fn a_folder_without_a_tokenizer_uses_the_clip_vocabulary() {
    let folder = copy();
    std::fs::remove_dir_all(folder.path().join("tokenizer")).expect("removes");
    let mut engine = LocalEngine::default();
    let without = run(&mut engine, &ModelChoice::Path(folder.path().into()), &job(2, 1)).expect("runs");
    assert!(without == run(&mut engine, &ModelChoice::Starter, &job(2, 1)).expect("starter"));
}

#[test]
fn each_spoiled_file_is_named_and_the_model_before_still_works() {
    type Spoil = fn(&Path);
    let cases: [(Spoil, &str); 8] = [
        (|f| std::fs::remove_file(f.join("unet/config.json")).expect("removes"), "no UNet"),
        (|f| std::fs::remove_file(f.join("vae/diffusion_pytorch_model.safetensors")).expect("removes"), "no weights"),
        (|f| std::fs::write(f.join("vae/config.json"), "{").expect("writes"), "vae/config.json"),
        (
            |f| {
                let path = f.join("unet/diffusion_pytorch_model.safetensors");
                let bytes = std::fs::read(&path).expect("reads");
                std::fs::write(&path, &bytes[..bytes.len() / 2]).expect("writes");
            },
            "it is cut short",
        ),
        (|f| change(f, "unet/config.json", "\"norm_num_groups\": 4", "\"norm_num_groups\": 5"), "norm groups"),
        (|f| change(f, "vae/config.json", "\"latent_channels\": 4", "\"latent_channels\": 8"), "latents of 8 channels"),
        (|f| change(f, "unet/config.json", "176", "192"), "weights do not match its config"),
        (|f| change(f, "scheduler/scheduler_config.json", "v_prediction", "sample"), "it predicts sample"),
    ];
    let mut engine = LocalEngine::default();
    let before = run(&mut engine, &ModelChoice::Starter, &job(1, 1)).expect("starter");
    for (spoil, words) in cases {
        let folder = copy();
        spoil(folder.path());
        let error = run(&mut engine, &ModelChoice::Path(folder.path().into()), &job(1, 1)).expect_err(words);
        let text = error.to_string();
        assert!(text.contains(words) && !text.contains('\n'), "{words}: {text}");
        assert!(run(&mut engine, &ModelChoice::Starter, &job(1, 1)).expect("still works") == before);
    }
}

fn change(folder: &Path, file: &str, from: &str, to: &str) {
    let path = folder.join(file);
    let text = std::fs::read_to_string(&path).expect("reads");
    assert!(text.contains(from), "{file} says {from}");
    std::fs::write(&path, text.replacen(from, to, 1)).expect("writes");
}

#[test]
fn weights_that_are_not_numbers_end_the_job_with_a_sentence() {
    let folder = copy();
    let path = folder.path().join("unet/diffusion_pytorch_model.safetensors");
    let mut bytes = std::fs::read(&path).expect("reads");
    // The tail of the data: f16 NaN everywhere.
    let from = bytes.len() - (1 << 20);
    bytes[from..].chunks_exact_mut(2).for_each(|pair| pair.copy_from_slice(&0x7e00u16.to_le_bytes()));
    std::fs::write(&path, bytes).expect("writes");
    let error =
        run(&mut LocalEngine::default(), &ModelChoice::Path(folder.path().into()), &job(2, 1)).expect_err("NaN");
    assert!(matches!(error, Error::NonFinite { .. }), "{error}");
}

#[test]
fn cancel_stops_before_the_next_evaluation_and_keeps_what_was_finished() {
    let cancel = Cancel::default();
    let (mut made, mut steps_after) = (0, 0);
    let result =
        LocalEngine::default().generate(&Request::new(ModelChoice::Starter, job(4, 3), None), &cancel, &mut |event| {
            match event {
                Event::Finished(_) => made += 1,
                Event::Step { image: 1, step: 2, .. } => cancel.cancel(),
                Event::Step { .. } if cancel.is_cancelled() => steps_after += 1,
                _ => {}
            }
        });
    assert!(matches!(result, Err(Error::Cancelled)));
    assert_eq!((made, steps_after), (1, 0));
}

/// A LoRA of rank 1 for one layer of the starter, all ones.
fn write_lora(folder: &Path, name: &str, layer: &str, width: usize) {
    let ones =
        |shape: (usize, usize)| candle_core::Tensor::ones(shape, candle_core::DType::F32, &candle_core::Device::Cpu);
    let tensors = std::collections::HashMap::from([
        (format!("lora_unet_{layer}.lora_down.weight"), ones((1, width)).expect("down")),
        (format!("lora_unet_{layer}.lora_up.weight"), ones((width, 1)).expect("up")),
    ]);
    candle_core::safetensors::save(&tensors, folder.join(format!("{name}.safetensors"))).expect("writes");
}

#[test]
fn a_lora_changes_the_picture_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("folder");
    let config = std::fs::read_to_string(starter().join("unet/config.json")).expect("config");
    let config: serde_json::Value = serde_json::from_str(&config).expect("JSON");
    let width = config["block_out_channels"].as_array().and_then(|w| w.last()?.as_u64()).expect("width") as usize;
    let layer = "mid_block_attentions_0_transformer_blocks_0_attn1_to_v";
    write_lora(folder.path(), "ones", layer, width);
    write_lora(folder.path(), "elsewhere", "no_such_layer", width);
    let mut engine = LocalEngine::new(Runtime { loras: Some(folder.path().to_path_buf()), ..Runtime::default() });
    let mut with = |tag: &str| {
        let mut job = job(2, 1);
        job.prompt = format!("an apple{tag}");
        run(&mut engine, &ModelChoice::Starter, &job)
    };
    let plain = with("").expect("plain");
    assert!(with(" <lora:ones:0.05>").expect("changed") != plain);
    assert!(with(" <lora:ones:0>").expect("nothing added") == plain);
    assert!(with("").expect("plain again") == plain);
    let missing = with(" <lora:none>").map(|_| ()).expect_err("missing").to_string();
    assert!(missing.contains("LoRA of this name") && missing.contains("none.safetensors"), "{missing}");
    let stray = with(" <lora:elsewhere>").map(|_| ()).expect_err("fits nothing").to_string();
    assert!(stray.contains("none of its layers is in this model"), "{stray}");
    assert!(with("").expect("still works") == plain);
}
