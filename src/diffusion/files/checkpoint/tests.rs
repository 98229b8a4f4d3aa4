//! Files as they come: of both generations, cut short, damaged, of another kind.

use std::collections::{BTreeMap, HashMap};

use candle_core::{DType, Device};

use super::*;
use crate::diffusion::LocalEngine;
use crate::engine::{Cancel, Engine, Event, ModelChoice, Request, Settings};

pub(in crate::diffusion) type Shapes = BTreeMap<String, Vec<usize>>;

fn pair(shapes: &mut Shapes, name: String, weight: &[usize]) {
    shapes.insert(format!("{name}.bias"), vec![weight[0]]);
    shapes.insert(format!("{name}.weight"), weight.to_vec());
}

fn resnet(shapes: &mut Shapes, name: &str, from: usize, to: usize) {
    pair(shapes, format!("{name}.in_layers.0"), &[from]);
    pair(shapes, format!("{name}.in_layers.2"), &[to, from, 3, 3]);
    pair(shapes, format!("{name}.emb_layers.1"), &[to, 128]);
    pair(shapes, format!("{name}.out_layers.0"), &[to]);
    pair(shapes, format!("{name}.out_layers.3"), &[to, to, 3, 3]);
    if from != to {
        pair(shapes, format!("{name}.skip_connection"), &[to, from, 1, 1]);
    }
}

fn transformer(shapes: &mut Shapes, name: &str, width: usize, linear: bool) {
    pair(shapes, format!("{name}.norm"), &[width]);
    for projection in ["proj_in", "proj_out"] {
        let shape: &[usize] = if linear { &[width, width] } else { &[width, width, 1, 1] };
        pair(shapes, format!("{name}.{projection}"), shape);
    }
    let block = format!("{name}.transformer_blocks.0");
    for norm in 1..=3 {
        pair(shapes, format!("{block}.norm{norm}"), &[width]);
    }
    for (attention, source) in [("attn1", width), ("attn2", 64)] {
        shapes.insert(format!("{block}.{attention}.to_q.weight"), vec![width, width]);
        shapes.insert(format!("{block}.{attention}.to_k.weight"), vec![width, source]);
        shapes.insert(format!("{block}.{attention}.to_v.weight"), vec![width, source]);
        pair(shapes, format!("{block}.{attention}.to_out.0"), &[width, width]);
    }
    pair(shapes, format!("{block}.ff.net.0.proj"), &[8 * width, width]);
    pair(shapes, format!("{block}.ff.net.2"), &[width, 4 * width]);
}

/// Two levels (32 and 64 wide, the second with attention), one residual block each.
pub(in crate::diffusion) fn unet(linear: bool) -> Shapes {
    let mut s = Shapes::new();
    pair(&mut s, "time_embed.0".into(), &[128, 32]);
    pair(&mut s, "time_embed.2".into(), &[128, 128]);
    pair(&mut s, "input_blocks.0.0".into(), &[32, 4, 3, 3]);
    resnet(&mut s, "input_blocks.1.0", 32, 32);
    pair(&mut s, "input_blocks.2.0.op".into(), &[32, 32, 3, 3]);
    resnet(&mut s, "input_blocks.3.0", 32, 64);
    transformer(&mut s, "input_blocks.3.1", 64, linear);
    resnet(&mut s, "middle_block.0", 64, 64);
    transformer(&mut s, "middle_block.1", 64, linear);
    resnet(&mut s, "middle_block.2", 64, 64);
    resnet(&mut s, "output_blocks.0.0", 128, 64);
    transformer(&mut s, "output_blocks.0.1", 64, linear);
    resnet(&mut s, "output_blocks.1.0", 96, 64);
    transformer(&mut s, "output_blocks.1.1", 64, linear);
    pair(&mut s, "output_blocks.1.2.conv".into(), &[64, 64, 3, 3]);
    resnet(&mut s, "output_blocks.2.0", 96, 32);
    resnet(&mut s, "output_blocks.3.0", 64, 32);
    pair(&mut s, "out.0".into(), &[32]);
    pair(&mut s, "out.2".into(), &[4, 32, 3, 3]);
    s
}

/// Two levels of 32, so it divides by 2.
pub(in crate::diffusion) fn autoencoder() -> Shapes {
    let mut s = Shapes::new();
    pair(&mut s, "quant_conv".into(), &[8, 8, 1, 1]);
    pair(&mut s, "post_quant_conv".into(), &[4, 4, 1, 1]);
    for (half, way, first, last, blocks) in [("encoder", "down", 3, 8, 1), ("decoder", "up", 4, 3, 2)] {
        pair(&mut s, format!("{half}.conv_in"), &[32, first, 3, 3]);
        pair(&mut s, format!("{half}.conv_out"), &[last, 32, 3, 3]);
        pair(&mut s, format!("{half}.norm_out"), &[32]);
        let places = (0..2).flat_map(|level| (0..blocks).map(move |b| format!("{half}.{way}.{level}.block.{b}")));
        for block in places.chain([format!("{half}.mid.block_1"), format!("{half}.mid.block_2")]) {
            for i in 1..=2 {
                pair(&mut s, format!("{block}.norm{i}"), &[32]);
                pair(&mut s, format!("{block}.conv{i}"), &[32, 32, 3, 3]);
            }
        }
        pair(&mut s, format!("{half}.mid.attn_1.norm"), &[32]);
        for part in ["q", "k", "v", "proj_out"] {
            pair(&mut s, format!("{half}.mid.attn_1.{part}"), &[32, 32, 1, 1]);
        }
        let sampled = if half == "encoder" { 0 } else { 1 };
        pair(&mut s, format!("{half}.{way}.{sampled}.{way}sample.conv"), &[32, 32, 3, 3]);
    }
    s
}

pub(in crate::diffusion) fn clip() -> Shapes {
    let mut s = Shapes::from([
        ("text_model.embeddings.token_embedding.weight".into(), vec![49408, 64]),
        ("text_model.embeddings.position_embedding.weight".into(), vec![77, 64]),
    ]);
    pair(&mut s, "text_model.final_layer_norm".into(), &[64]);
    let layer = "text_model.encoder.layers.0";
    for norm in 1..=2 {
        pair(&mut s, format!("{layer}.layer_norm{norm}"), &[64]);
    }
    for part in ["q_proj", "k_proj", "v_proj", "out_proj"] {
        pair(&mut s, format!("{layer}.self_attn.{part}"), &[64, 64]);
    }
    pair(&mut s, format!("{layer}.mlp.fc1"), &[256, 64]);
    pair(&mut s, format!("{layer}.mlp.fc2"), &[64, 256]);
    s
}

pub(in crate::diffusion) fn open_clip() -> Shapes {
    let mut s = Shapes::from([
        ("token_embedding.weight".into(), vec![49408, 64]),
        ("positional_embedding".into(), vec![77, 64]),
    ]);
    pair(&mut s, "ln_final".into(), &[64]);
    for block in ["transformer.resblocks.0", "transformer.resblocks.1"] {
        s.insert(format!("{block}.attn.in_proj_weight"), vec![192, 64]);
        s.insert(format!("{block}.attn.in_proj_bias"), vec![192]);
        pair(&mut s, format!("{block}.attn.out_proj"), &[64, 64]);
        pair(&mut s, format!("{block}.ln_1"), &[64]);
        pair(&mut s, format!("{block}.ln_2"), &[64]);
        pair(&mut s, format!("{block}.mlp.c_fc"), &[256, 64]);
        pair(&mut s, format!("{block}.mlp.c_proj"), &[64, 256]);
    }
    s
}

/// A whole small model with random weights in one f16 file.
pub(in crate::diffusion) fn write(path: &Path, parts: &[(&str, Shapes)]) {
    let mut state = 1u32;
    let mut tensors = HashMap::new();
    for (prefix, shapes) in parts {
        for (name, shape) in shapes {
            let count: usize = shape.iter().product();
            let spread = 1.0 / (shape.iter().skip(1).product::<usize>() as f32).sqrt();
            let mut next = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            };
            let values: Vec<f32> = (0..count).map(|_| next() * spread).collect();
            let tensor = Tensor::from_vec(values, shape.as_slice(), &Device::Cpu).and_then(|t| t.to_dtype(DType::F16));
            tensors.insert(format!("{prefix}{name}"), tensor.expect("tensor"));
        }
    }
    candle_core::safetensors::save(&tensors, path).expect("writes");
}

fn run(engine: &mut LocalEngine, path: &Path) -> Result<image::RgbImage, Error> {
    let settings = Settings { width: 64, height: 64, steps: 2, batch: 1, seed: 5, ..Settings::default() };
    let mut made = None;
    let request = Request::new(ModelChoice::Path(path.into()), settings, None);
    engine.generate(&request, &Cancel::default(), &mut |event| {
        if let Event::Finished(picture) = event {
            made = Some(picture.picture);
        }
    })?;
    Ok(made.expect("one picture"))
}

#[test]
fn both_generations_load_by_name_and_shape_and_run() {
    let folder = tempfile::tempdir().expect("folder");
    let mut engine = LocalEngine::default();
    for (name, text, prefix, linear) in [("one", clip(), CLIP, false), ("two", open_clip(), OPEN_CLIP, true)] {
        let path = folder.path().join(format!("{name}.safetensors"));
        write(&path, &[(UNET, unet(linear)), (AUTOENCODER, autoencoder()), (prefix, text)]);
        let picture = run(&mut engine, &path).expect(name);
        assert_eq!(picture.dimensions(), (64, 64));
        assert!(picture.pixels().any(|p| p != picture.get_pixel(0, 0)), "{name} is one colour");
    }
}

#[test]
fn another_autoencoder_is_read_from_a_file_of_its_own_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join(name);
    write(&at("model.safetensors"), &[(UNET, unet(false)), (AUTOENCODER, autoencoder()), (CLIP, clip())]);
    write(&at("with.safetensors"), &[(AUTOENCODER, autoencoder())]);
    write(&at("bare.safetensors"), &[("", autoencoder())]);
    let mut halved = autoencoder();
    halved.retain(|name, _| !name.starts_with("encoder."));
    write(&at("half.safetensors"), &[("", halved)]);
    std::fs::write(at("bad.safetensors"), b"").expect("writes");
    let mut engine = LocalEngine::default();
    let mut picture = |vae: Option<&str>| {
        let vae = vae.map(at);
        let settings = Settings { width: 64, height: 64, steps: 2, batch: 1, seed: 5, vae, ..Settings::default() };
        let mut made = None;
        let request = Request::new(ModelChoice::Path(at("model.safetensors")), settings, None);
        engine.generate(&request, &Cancel::default(), &mut |event| {
            if let Event::Finished(picture) = event {
                made = Some(picture.picture);
            }
        })?;
        Ok::<_, Error>(made.expect("one picture"))
    };
    let own = picture(None).expect("runs");
    let other = picture(Some("with.safetensors")).expect("runs");
    assert_ne!(own, other);
    assert_eq!(other, picture(Some("bare.safetensors")).expect("runs"));
    assert_eq!(own, picture(None).expect("runs"));
    for (name, word) in [
        ("half.safetensors", "no autoencoder with both"),
        ("none.safetensors", "none.safetensors"),
        ("bad.safetensors", "is empty"),
    ] {
        let text = picture(Some(name)).map(|_| ()).expect_err("refused").to_string();
        assert!(text.contains(word), "{text}");
    }
    assert_eq!(own, picture(None).expect("still runs"));
}

#[test]
fn a_checkpoint_without_an_autoencoder_runs_with_one_from_another_file() {
    let folder = tempfile::tempdir().expect("folder");
    let at = |name: &str| folder.path().join(name);
    write(&at("whole.safetensors"), &[(UNET, unet(false)), (AUTOENCODER, autoencoder()), (CLIP, clip())]);
    // The same weights in two files: each name's numbers hang on those before it, so they are copied.
    let all = candle_core::safetensors::load(at("whole.safetensors"), &Device::Cpu).expect("reads");
    let (vae, bare): (HashMap<_, _>, HashMap<_, _>) =
        all.into_iter().partition(|(name, _)| name.starts_with(AUTOENCODER));
    candle_core::safetensors::save(&vae, at("vae.safetensors")).expect("writes");
    candle_core::safetensors::save(&bare, at("bare.safetensors")).expect("writes");
    let mut engine = LocalEngine::default();
    let whole = run(&mut engine, &at("whole.safetensors")).expect("runs");
    // It is listed and loaded as a model before a VAE is chosen.
    let choice = ModelChoice::Path(at("bare.safetensors"));
    assert!(engine.load(&choice, &Cancel::default()).expect("is a model").counter.is_some());
    let mut with = |vae: Option<&str>| {
        let vae = vae.map(at);
        let settings = Settings { width: 64, height: 64, steps: 2, batch: 1, seed: 5, vae, ..Settings::default() };
        let mut made = None;
        engine.generate(&Request::new(choice.clone(), settings, None), &Cancel::default(), &mut |event| {
            if let Event::Finished(picture) = event {
                made = Some(picture.picture);
            }
        })?;
        Ok::<_, Error>(made.expect("one picture"))
    };
    let lacks = |result: Result<image::RgbImage, Error>| {
        let text = result.map(|_| ()).expect_err("no VAE").to_string();
        assert!(text.contains("no autoencoder (VAE)") && text.contains("--vae"), "{text}");
    };
    lacks(with(None));
    assert_eq!(with(Some("vae.safetensors")).expect("runs"), whole);
    lacks(with(None));
    assert_eq!(with(Some("whole.safetensors")).expect("runs"), whole);
}

#[test]
fn a_checkpoint_that_takes_its_guidance_as_a_number_does() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("lcm.safetensors");
    let mut distilled = unet(false);
    distilled.insert("time_embed.cond_proj.weight".into(), vec![32, 16]);
    write(&path, &[(UNET, distilled), (AUTOENCODER, autoencoder()), (CLIP, clip())]);
    let file = Checkpoint::open(&path).expect("opens");
    assert_eq!(file.config("unet/config.json").expect("a config")["time_cond_proj_dim"], 16);
    run(&mut LocalEngine::default(), &path).expect("runs");
}

#[test]
fn weights_of_8_bits_run() {
    let folder = tempfile::tempdir().expect("folder");
    let (path, small) = (folder.path().join("f16.safetensors"), folder.path().join("f8.safetensors"));
    write(&path, &[(UNET, unet(false)), (AUTOENCODER, autoencoder()), (CLIP, clip())]);
    // The upper byte of an f16 is an E5M2 float.
    let bytes = std::fs::read(&path).expect("reads");
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).expect("a header");
    let tensors = safetensors::SafeTensors::deserialize(&bytes).expect("reads");
    let cut: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .tensors()
        .into_iter()
        .map(|(name, view)| (name, view.shape().to_vec(), view.data().chunks(2).map(|pair| pair[1]).collect()))
        .collect();
    assert_eq!(header.tensors().len(), cut.len());
    let views = cut.iter().map(|(name, shape, data)| {
        let view = safetensors::tensor::TensorView::new(safetensors::Dtype::F8_E5M2, shape.clone(), data);
        (name.clone(), view.expect("a view"))
    });
    std::fs::write(&small, safetensors::serialize(views, None).expect("serialises")).expect("writes");
    let picture = run(&mut LocalEngine::default(), &small).expect("runs");
    assert!(picture.pixels().any(|p| p != picture.get_pixel(0, 0)));
}

#[test]
fn what_is_missing_or_cut_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("broken.safetensors");
    let mut engine = LocalEngine::default();
    let mut sentence = |parts: &[(&str, Shapes)]| {
        write(&path, parts);
        run(&mut engine, &path).map(|_| ()).expect_err("refused").to_string()
    };
    let whole = [(UNET, unet(false)), (AUTOENCODER, autoencoder()), (CLIP, clip())];
    assert!(sentence(&whole[1..]).contains("no UNet"));
    assert!(sentence(&[whole[0].clone(), whole[2].clone()]).contains("no autoencoder (VAE); choose one with --vae"));
    assert!(sentence(&whole[..2]).contains("no text encoder"));
    let mut holed = unet(false);
    holed.remove("middle_block.1.norm.weight");
    let text = sentence(&[(UNET, holed), whole[1].clone(), whole[2].clone()]);
    assert!(text.contains("mid_block.attentions.0.norm.weight"), "{text}");
    let sdxl = sentence(&[("conditioner.embedders.0.", clip())]);
    assert!(sdxl.contains("SDXL"), "{sdxl}");

    write(&path, &whole);
    let bytes = std::fs::read(&path).expect("reads");
    for (length, word) in [(0, "cut short"), (7, "cut short"), (1000, "cut short"), (bytes.len() - 1, "cut short")] {
        std::fs::write(&path, &bytes[..length]).expect("writes");
        let text = run(&mut engine, &path).map(|_| ()).expect_err("refused").to_string();
        assert!(text.contains(word), "{length}: {text}");
    }
    std::fs::write(&path, b"<!doctype html><p>Not Found").expect("writes");
    let text = run(&mut engine, &path).map(|_| ()).expect_err("refused").to_string();
    assert!(text.contains("is a web page"), "{text}");
}

/// Thousands of files with a few wrong bytes each: refused or read, never a panic.
#[test]
fn damaged_files_never_panic() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("damaged");
    let small = Shapes::from([(format!("{UNET}input_blocks.2.0.op.weight"), vec![2, 2])]);
    let whole = folder.path().join("whole.safetensors");
    write(&whole, &[("", small)]);
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/small.ckpt");
    let mut state = 7u64;
    let mut next = |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    for file in [whole, fixture] {
        let bytes = std::fs::read(&file).expect("reads");
        for _ in 0..1500 {
            let mut bytes = bytes.clone();
            for _ in 0..1 + next(4) {
                let at = next(bytes.len());
                bytes[at] = next(256) as u8;
            }
            if next(4) == 0 {
                bytes.truncate(next(bytes.len()));
            }
            std::fs::write(&path, &bytes).expect("writes");
            // Neither does looking at it, under any name.
            let _ = crate::diffusion::inspect_model(&path);
            if let Ok(store) = Store::open(&path) {
                for name in store.shapes().keys() {
                    let _ = store.read(&path, name);
                }
            }
        }
    }
}
