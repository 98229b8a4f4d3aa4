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
    assert!(missing.contains("LoRA \"none\"") && missing.contains(&folder.path().display().to_string()), "{missing}");
    let stray = with(" <lora:elsewhere>").map(|_| ()).expect_err("fits nothing").to_string();
    assert!(stray.contains("none of its layers is in this model"), "{stray}");
    assert!(with("").expect("still works") == plain);
}

/// Runs a request on the starter and gives its first picture and its notices.
fn with_notices(engine: &mut LocalEngine, settings: Settings) -> (image::RgbImage, Vec<String>) {
    let (mut made, mut notices) = (Vec::new(), Vec::new());
    let request = Request::new(ModelChoice::Starter, settings, None);
    let done = engine.generate(&request, &Cancel::default(), &mut |event| match event {
        Event::Finished(picture) => made.push(picture.picture),
        Event::Notice(text) => notices.push(text),
        _ => {}
    });
    done.expect("runs");
    (made.remove(0), notices)
}

#[test]
fn embeddings_count_as_whole_words_and_what_cannot_be_used_is_said_while_the_round_goes_on() {
    let folder = tempfile::tempdir().expect("folder");
    // As wide as no text encoder here, and no file of tensors at all.
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    std::fs::copy(fixtures.join("hostile.ckpt"), folder.path().join("app.pt")).expect("copies");
    std::fs::write(folder.path().join("red.safetensors"), "<html>").expect("writes");
    let with = |prompt: &str, embeddings: bool| {
        let runtime = Runtime { embeddings: embeddings.then(|| folder.path().into()), ..Runtime::default() };
        with_notices(&mut LocalEngine::new(runtime), Settings { prompt: prompt.into(), ..job(2, 1) })
    };
    let (plain, none) = with("a tired apple", false);
    assert!(none.is_empty());
    assert!(with("a tired apple", true) == (plain, vec![]));
    let (plain, _) = with("a (red:1.2) apple", false);
    let (picture, notices) = with("a (red:1.2) apple", true);
    assert!(picture == plain);
    assert!(notices.len() == 1 && notices[0].contains("\"red\"") && notices[0].contains("web page"), "{notices:?}");
}

#[test]
fn prompt_syntax_that_is_not_carried_out_is_said() {
    let mut engine = LocalEngine::default();
    let mut with = |prompt: &str| with_notices(&mut engine, Settings { prompt: prompt.into(), ..job(1, 1) });
    let (plain, none) = with("an apple");
    assert!(none.is_empty());
    let (picture, notices) = with("an apple <hypernet:style:1>");
    assert!(picture == plain && notices.len() == 1 && notices[0].contains("hypernetworks"), "{notices:?}");
    let (picture, notices) = with("an [apple:pear:0.5] [red|green] AND a table");
    assert!(picture != plain && notices.is_empty(), "carried out: {notices:?}");
}

#[test]
fn a_prompt_cannot_name_a_path() {
    let folder = tempfile::tempdir().expect("folder");
    write_lora(folder.path(), "ones", "mid_block_attentions_0_transformer_blocks_0_attn1_to_v", 8);
    let path = folder.path().join("ones.safetensors").display().to_string();
    // The folder of LoRAs is another one.
    let loras = tempfile::tempdir().expect("folder");
    let mut engine = LocalEngine::new(Runtime { loras: Some(loras.path().into()), ..Runtime::default() });
    for name in [path.as_str(), r"\\server\share\ones", "../ones"] {
        let settings = Settings { prompt: format!("an apple <lora:{name}:1>"), ..job(1, 1) };
        let text = run(&mut engine, &ModelChoice::Starter, &settings).map(|_| ()).expect_err(name).to_string();
        assert!(text.contains("by a path"), "{text}");
    }
}

#[test]
fn a_folder_without_an_autoencoder_runs_with_one_from_elsewhere() {
    let folder = copy();
    std::fs::remove_dir_all(folder.path().join("vae")).expect("removes");
    let mut engine = LocalEngine::default();
    let choice = ModelChoice::Path(folder.path().into());
    engine.load(&choice, &Cancel::default()).expect("a model all the same");
    let text = run(&mut engine, &choice, &job(2, 1)).map(|_| ()).expect_err("no VAE").to_string();
    assert!(text.contains("no autoencoder (VAE)") && text.contains("--vae"), "{text}");
    let with = Settings { vae: Some(starter().join("vae")), ..job(2, 1) };
    let picture = run(&mut engine, &choice, &with).expect("runs");
    assert!(picture == run(&mut engine, &ModelChoice::Starter, &job(2, 1)).expect("starter"));
}

/// A file as PyTorch saves a dictionary of tensors: a pickle that names them, and their numbers beside it.
fn write_pickle(path: &Path, tensors: &std::collections::HashMap<String, candle_core::Tensor>) {
    use std::io::Write;

    use zip::write::SimpleFileOptions;
    let text = |text: &str| [&[b'X'][..], &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat();
    let number = |number: usize| [&[b'J'][..], &(number as i32).to_le_bytes()].concat();
    let numbers = |list: &[usize]| [vec![b'('], list.iter().flat_map(|n| number(*n)).collect(), vec![b't']].concat();
    let mut pickle = b"\x80\x02}(".to_vec();
    let mut archive = zip::ZipWriter::new(std::fs::File::create(path).expect("a file"));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (index, (name, tensor)) in tensors.iter().enumerate() {
        let values: Vec<f32> =
            tensor.to_dtype(candle_core::DType::F32).and_then(|t| t.flatten_all()?.to_vec1()).expect("numbers");
        let strides: Vec<usize> =
            (0..tensor.rank()).map(|i| tensor.dims()[i + 1..].iter().product::<usize>()).collect();
        pickle.extend(text(name));
        pickle.extend(b"ctorch._utils\n_rebuild_tensor_v2\n((");
        pickle.extend(text("storage"));
        pickle.extend(b"ctorch\nFloatStorage\n");
        pickle.extend([text(&index.to_string()), text("cpu"), number(values.len())].concat());
        pickle.extend(b"tQ");
        pickle.extend([number(0), numbers(tensor.dims()), numbers(&strides)].concat());
        pickle.extend(b"\x89ccollections\nOrderedDict\n)RtR");
        archive.start_file(format!("archive/data/{index}"), stored).expect("an entry");
        archive.write_all(bytemuck::cast_slice(&values)).expect("writes");
    }
    pickle.extend(b"u.");
    archive.start_file("archive/data.pkl", stored).expect("an entry");
    archive.write_all(&pickle).expect("writes");
    archive.finish().expect("a whole archive");
}

#[test]
fn folders_with_bin_files_run_and_old_ones_are_told() {
    let folder = copy();
    for (part, from, to) in [
        ("unet", "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"),
        ("vae", "diffusion_pytorch_model.safetensors", "diffusion_pytorch_model.bin"),
        ("text_encoder", "model.safetensors", "pytorch_model.bin"),
    ] {
        let (from, to) = (folder.path().join(part).join(from), folder.path().join(part).join(to));
        let tensors = candle_core::safetensors::load(&from, &candle_core::Device::Cpu).expect("reads");
        write_pickle(&to, &tensors);
        std::fs::remove_file(from).expect("removes");
    }
    let mut engine = LocalEngine::default();
    let choice = ModelChoice::Path(folder.path().into());
    let picture = run(&mut engine, &choice, &job(2, 1)).expect("runs");
    assert!(picture == run(&mut engine, &ModelChoice::Starter, &job(2, 1)).expect("starter"));
    let old = b"\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.";
    std::fs::write(folder.path().join("unet/diffusion_pytorch_model.bin"), old).expect("writes");
    let text = run(&mut engine, &choice, &job(2, 1)).map(|_| ()).expect_err("old").to_string();
    assert!(text.contains("before version 1.6"), "{text}");
}
