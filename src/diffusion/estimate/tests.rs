//! Estimates of Stable Diffusion 1.5, from its configs alone.

use serde_json::json;

use super::*;
use crate::engine::{DeviceChoice, Dtype, Sampler, Sheet, Upscaler};

const GB: u64 = 1_000_000_000;

/// Stable Diffusion 1.5 in f32.
fn estimator(tiled_vae: TiledVae, free: fn() -> u64) -> LocalEstimator {
    let read = |value| serde_json::from_value(value).expect("config");
    LocalEstimator {
        unet: serde_json::from_value(json!({"cross_attention_dim": 768})).expect("config"),
        vae: serde_json::from_value(json!({"block_out_channels": [128, 256, 512, 512], "layers_per_block": 2}))
            .expect("config"),
        text: read(json!({"vocab_size": 49408, "hidden_size": 768, "intermediate_size": 3072,
            "num_hidden_layers": 12, "num_attention_heads": 12})),
        numbers: Numbers { unet: 860_000_000, vae: 84_000_000, text: 123_000_000 },
        recommended: Recommended::default(),
        device: ComputeDevice::new(DeviceChoice::Cpu, Dtype::F32).expect("the processor"),
        tiled_vae,
        rates: Rates::of_this_machine(Precision::F32),
        observed: Observed::default(),
        held: HeldMemory::default(),
        controls: KnownControls::default(),
        upscalers: KnownUpscalers::default(),
        free,
    }
}

fn usual(estimator: &LocalEstimator, settings: &Settings) -> Estimate {
    estimator.estimate(settings, &Plan::default(), true)
}

/// Multiply-adds when convolutions are counted the plain way, which Winograd's algorithm and doubling save.
fn plain(work: Work) -> f64 {
    (work.winograd + work.few_winograd) * 9.0 / 4.0 + work.direct + work.linear + work.attention
}

#[test]
fn the_work_of_stable_diffusion_is_what_is_known_of_it() {
    let estimator = estimator(TiledVae::Auto, || 0);
    let settings = Settings::default();
    // A guided step at 512 by 512 pixels is 1.6 TFLOP, two for each multiply-add; the doublings here are four ninths.
    let step = plain(estimator.unet_work(&settings, 2));
    assert!((0.75e12..0.8e12).contains(&step), "{step}");
    // The decoder takes 1.24 T multiply-adds, again with whole doublings.
    let decode = plain(networks::decode(&estimator.vae, (512, 512)));
    assert!((1.0e12..1.26e12).contains(&decode), "{decode}");
    let encode = plain(networks::encode(&estimator.vae, (512, 512)));
    assert!((encode / 0.56e12 - 1.0).abs() < 0.1, "{encode}");
    // Attention grows with the square of the pixels.
    let large = Settings { width: 1024, height: 1024, ..settings.clone() };
    let [small, large] = [&settings, &large].map(|settings| estimator.unet_work(settings, 2));
    assert!(
        (large.winograd / small.winograd - 4.0).abs() < 1e-9
            && small.few_winograd > 0.0
            && large.attention > 10.0 * small.attention
    );
}

#[test]
fn evaluations_are_those_that_run() {
    let estimator = estimator(TiledVae::Auto, || 0);
    let settings = Settings { batch: 1, ..Settings::default() };
    let count = |settings: &Settings, has_start| estimator.estimate(settings, &Plan::default(), has_start).evaluations;
    assert_eq!(count(&settings, true), 32, "16 of 20 steps, guided");
    assert_eq!(count(&settings, false), 40);
    assert_eq!(count(&Settings { cfg_scale: 1.0, ..settings.clone() }, true), 16);
    assert_eq!(count(&Settings { guided: 0.5, ..settings.clone() }, true), 24);
    assert_eq!(count(&Settings { sampler: Sampler::Heun, ..settings.clone() }, true), 64);
    assert_eq!(count(&Settings { exact_steps: true, steps: 4, ..settings.clone() }, true), 8);
    let joined = Settings { prompt: "a AND b:0.5 AND c <lora:x:1>".into(), ..settings.clone() };
    assert_eq!(count(&joined, true), 64, "three prompts and the negative one");
    assert_eq!(count(&Settings { cfg_scale: 1.0, ..joined }, true), 64, "the negative prompt does not cancel out");
    let third = Settings { reuse: 3, ..settings.clone() };
    assert_eq!(count(&third, true), 32, "all run, though most of them not whole");
    let ladder = Plan { sheet: Some(Sheet::strength_ladder()), ..Plan::default() };
    let sheet = estimator.estimate(&settings, &ladder, true);
    assert_eq!(sheet.evaluations, 38);
    let four = usual(&estimator, &Settings { batch: 4, ..settings.clone() });
    assert!(sheet.seconds < four.seconds && four.seconds > 3.5 * usual(&estimator, &settings).seconds);
}

#[test]
fn reused_features_save_most_of_an_evaluation() {
    let estimator = estimator(TiledVae::Auto, || 0);
    let usual_settings = Settings { batch: 1, ..Settings::default() };
    // The outermost layers have no more than three of the 25 residual blocks, but the widest.
    let share = plain(networks::unet_reusing(&estimator.unet, (64, 64), 2, TOKENS))
        / plain(estimator.unet_work(&usual_settings, 2));
    assert!((0.2..0.27).contains(&share), "{share}");
    let seconds = |reuse| usual(&estimator, &Settings { reuse, ..usual_settings.clone() }).seconds;
    let all = [1, 2, 3, 5].map(seconds);
    assert!(all.is_sorted_by(|fewer, more| fewer > more), "{all:?}");
    assert!(all[3] > 0.3 * all[0], "decoding takes as long as before: {all:?}");
    let work =
        |evaluations| estimator.evaluations_work(&Settings { reuse: 5, ..usual_settings.clone() }, 2, evaluations);
    let whole = plain(estimator.unet_work(&usual_settings, 2));
    let four = plain(work(0..16));
    assert!((four - whole * (4.0 + 12.0 * share)).abs() < 1e-6 * four, "four of sixteen are whole: {}", four / whole);
    assert!((plain(work(7..10)) / whole - 3.0 * share).abs() < 1e-6, "none of these is whole");
    let control = plain(networks::control_reusing(&estimator.unet, (64, 64), 2, TOKENS))
        / plain(networks::control(&estimator.unet, (64, 64), 2, TOKENS));
    assert!((0.1..0.3).contains(&control), "{control}");
}

#[test]
fn controls_take_their_share_of_time_and_memory() {
    let estimator = estimator(TiledVae::Auto, || 0);
    let settings = Settings { batch: 1, ..Settings::default() };
    // The published ControlNet for 1.5 has 361 million numbers, the UNet 860; of the work it does a little over a third.
    let share =
        plain(networks::control(&estimator.unet, (64, 64), 2, TOKENS)) / plain(estimator.unet_work(&settings, 2));
    assert!((0.33..0.42).contains(&share), "{share}");
    let with = |change: &dyn Fn(&mut ControlSettings)| {
        let mut control = ControlSettings { model: "/c/lines".into(), ..ControlSettings::default() };
        change(&mut control);
        usual(&estimator, &Settings { controls: vec![control], ..settings.clone() })
    };
    let none = usual(&estimator, &settings);
    let whole = with(&|_| {});
    assert!(whole.seconds > 1.2 * none.seconds && whole.seconds < 1.5 * none.seconds);
    let more = |estimate: &Estimate| estimate.seconds - none.seconds;
    assert!((more(&with(&|control| control.end = 0.5)) / more(&whole) - 0.5).abs() < 0.05, "half the steps");
    let first = more(&with(&|control| control.mode = ControlMode::Control)) / more(&whole);
    assert!((0.4..0.6).contains(&first), "half the batch: {first}");
    assert_eq!(with(&|control| control.weight = 0.0), none);
    let memory = |estimate: &Estimate| estimate.memory_bytes.expect("known");
    let bytes = memory(&whole) - memory(&none);
    assert!((1_400_000_000..2_000_000_000).contains(&bytes), "361 million numbers in f32, some packed larger: {bytes}");
}

/// One of the networks that enlarge.
fn compact(path: &std::path::Path) {
    let about = std::fs::read(crate::diffusion::kind_tests::fixture("upscaler.json")).expect("reads");
    let about: serde_json::Value = serde_json::from_slice(&about).expect("JSON");
    let network = about.as_object().expect("networks").values().next().expect("one");
    let shapes: std::collections::BTreeMap<String, Vec<usize>> =
        serde_json::from_value(network["shapes"].clone()).expect("shapes");
    let (mut header, mut at) = (serde_json::Map::new(), 0);
    for (name, shape) in shapes {
        let end = at + 4 * shape.iter().product::<usize>();
        header.insert(name, json!({"dtype": "F32", "shape": shape, "data_offsets": [at, end]}));
        at = end;
    }
    write_header(path, header, at);
}

/// A T2I-Adapter for 1.5 with the shapes of the published one for sketches, whose 77 million numbers are not in the file.
fn adapter(path: &std::path::Path) {
    let (mut header, mut at) = (serde_json::Map::new(), 0);
    let mut tensor = |name: String, shape: &[usize]| {
        let end = at + 2 * shape.iter().product::<usize>();
        header.insert(format!("adapter.{name}"), json!({"dtype": "F16", "shape": shape, "data_offsets": [at, end]}));
        at = end;
    };
    let widths = [320, 640, 1280, 1280];
    tensor("conv_in.weight".into(), &[320, 192, 3, 3]);
    tensor("conv_in.bias".into(), &[320]);
    for (level, width) in widths.into_iter().enumerate() {
        let from = widths[level.saturating_sub(1)];
        if from != width {
            tensor(format!("body.{level}.in_conv.weight"), &[width, from, 1, 1]);
            tensor(format!("body.{level}.in_conv.bias"), &[width]);
        }
        for block in 0..2 {
            for (part, side) in [("block1", 3), ("block2", 1)] {
                tensor(format!("body.{level}.resnets.{block}.{part}.weight"), &[width, width, side, side]);
                tensor(format!("body.{level}.resnets.{block}.{part}.bias"), &[width]);
            }
        }
    }
    write_header(path, header, at);
}

/// Writes a file that has this header, and as many bytes of tensors as it says.
fn write_header(path: &std::path::Path, header: serde_json::Map<String, serde_json::Value>, at: usize) {
    let header = serde_json::Value::from(header).to_string();
    let begin = [&(header.len() as u64).to_le_bytes()[..], header.as_bytes()].concat();
    std::fs::write(path, &begin).expect("writes");
    // A hole in the file, which takes no room on the disk.
    let file = std::fs::OpenOptions::new().write(true).open(path).expect("opens");
    file.set_len((begin.len() + at) as u64).expect("grows");
}

#[test]
fn enlarging_with_a_network_is_estimated_once_its_file_is_known() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("x2.safetensors");
    compact(&path);
    let pass = SecondPass { upscaler: Upscaler::File(path.clone()), ..SecondPass::default() };
    let settings = Settings { second_pass: Some(pass.clone()), ..Settings::default() };
    let unread = estimator(TiledVae::Auto, || 0);
    assert_eq!(unread.enlarging_seconds(&pass, (64, 64)), None, "no file is read when an estimate is asked for");
    let read = unread.knowing(&RoundFiles::of(&settings)).expect("an estimator");
    let seconds = |size| read.enlarging_seconds(&pass, size).expect("known");
    assert!(seconds((64, 64)) > 0.0 && (seconds((128, 64)) / seconds((64, 64)) - 2.0).abs() < 1e-9);
    let gone = SecondPass { upscaler: Upscaler::File("/none".into()), ..pass.clone() };
    assert_eq!(read.enlarging_seconds(&gone, (64, 64)), None);
    assert_eq!(unread.enlarging_seconds(&SecondPass::default(), (64, 64)), Some(0.0));
}

#[test]
fn an_adapter_takes_its_own_share_and_not_that_of_a_control_network() {
    let folder = tempfile::tempdir().expect("folder");
    let path = folder.path().join("sketch.safetensors");
    adapter(&path);
    let control = ControlSettings { model: path.clone(), ..ControlSettings::default() };
    let settings = Settings { batch: 1, controls: vec![control], ..Settings::default() };
    let unread = estimator(TiledVae::Auto, || 0);
    let takes = |estimator: &dyn Estimator, settings: &Settings| estimator.estimate(settings, &Plan::default(), true);
    let none = takes(&unread, &Settings { controls: Vec::new(), ..settings.clone() });
    let as_net = takes(&unread, &settings);
    let read = unread
        .knowing(&RoundFiles { controls: vec![path.clone(), folder.path().join("none")], ..RoundFiles::default() })
        .expect("an estimator");
    let as_adapter = takes(&*read, &settings);
    let bytes = |estimate: &Estimate| estimate.memory_bytes.expect("known") - none.memory_bytes.expect("known");
    // 77 million numbers in f32; those of 3×3 convolutions are packed for Winograd's algorithm too.
    assert!((300_000_000..700_000_000).contains(&bytes(&as_adapter)), "{}", bytes(&as_adapter));
    assert!(bytes(&as_net) > 2 * bytes(&as_adapter));
    let (of_adapter, of_net) = (as_adapter.seconds - none.seconds, as_net.seconds - none.seconds);
    assert!(of_adapter > 0.0 && of_adapter < 0.05 * of_net, "it is run once: {of_adapter} of {of_net}");
    let adapter = KnownControls::read(std::slice::from_ref(&path), &unread.unet, 8);
    let work = plain(networks::adapter(&adapter.adapter(&path).expect("an adapter").config, (512, 512)));
    // By hand: 192·320·9 and twice 320²·10 for each of 64² places, and so on downwards.
    let by_hand = 4096.0 * (552_960.0 + 2_048_000.0)
        + 1024.0 * (204_800.0 + 8_192_000.0)
        + 256.0 * (819_200.0 + 32_768_000.0)
        + 64.0 * 32_768_000.0;
    assert!((work / by_hand - 1.0).abs() < 1e-9, "{work} and {by_hand}");
    let off = vec![ControlSettings { weight: 0.0, ..settings.controls[0].clone() }];
    assert_eq!(takes(&*read, &Settings { controls: off, ..settings.clone() }), none);
    let other = vec![ControlSettings { model: "/c/lines".into(), ..ControlSettings::default() }];
    let other = Settings { controls: other, ..settings };
    assert_eq!(takes(&*read, &other), takes(&unread, &other), "any other file counts as a ControlNet");
}

#[test]
fn what_was_seen_corrects_the_time_and_not_the_memory() {
    let estimator = estimator(TiledVae::Auto, || 0);
    let before = usual(&estimator, &Settings::default());
    assert!(before.seconds.is_finite() && before.seconds > 0.0);
    estimator.observed.add(1.0, 2.0);
    let after = usual(&estimator, &Settings::default());
    assert!((after.seconds / before.seconds - 2.0).abs() < 1e-9);
    assert_eq!(after.memory_bytes, before.memory_bytes);
}

#[test]
fn what_does_not_fit_is_told_with_what_would() {
    let large = Settings { width: 1024, height: 1024, ..Settings::default() };
    let fits = usual(&estimator(TiledVae::Auto, || 32 * GB), &large);
    assert_eq!((fits.tiled, fits.obstacle), (false, None));
    let unknown = usual(&estimator(TiledVae::Auto, || 0), &large);
    assert_eq!((unknown.tiled, unknown.obstacle, unknown.available_bytes), (false, None, None));
    let tiled = usual(&estimator(TiledVae::Auto, || 8 * GB), &large);
    assert!(tiled.tiled && tiled.obstacle.is_none() && tiled.memory_bytes < fits.memory_bytes);
    let whole = usual(&estimator(TiledVae::Off, || 8 * GB), &large).obstacle.expect("does not fit");
    let format = if f16_is_fast() { "f16" } else { "bf16" };
    assert!(whole.contains(&format!("a tiled VAE, the precision {format}, or 704 by 704 pixels.")), "{whole}");
    let little = usual(&estimator(TiledVae::Auto, || 5 * GB), &large).obstacle.expect("does not fit");
    assert!(little.contains(&format!("What would fit: the precision {format}.")), "{little}");
    let none = usual(&estimator(TiledVae::Auto, || GB), &large).obstacle.expect("does not fit");
    assert!(none.contains("No size of this model fits"), "{none}");
    // What the engine holds is there for the next round.
    let holding = estimator(TiledVae::Auto, || 3 * GB);
    assert!(usual(&holding, &large).obstacle.is_some());
    holding.held.set(5 * GB);
    assert!(usual(&holding, &large).obstacle.is_none());
}
