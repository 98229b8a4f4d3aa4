//! `underpaint bench`: how fast a model is on this machine.

use std::path::PathBuf;

use serde_json::json;

use super::options::EngineOptions;
use super::print_line;
use crate::diffusion::LocalEngine;
use crate::engine::{Cancel, Runtime, Settings};
use crate::kernels::{Precision, instructions, peak};

/// What `underpaint bench` times.
#[derive(clap::Args, Debug)]
pub struct BenchArgs {
    /// Which model, and how it is run.
    #[command(flatten)]
    pub engine: EngineOptions,
    /// Side of the pictures in pixels, a multiple of 8
    #[arg(long, default_value_t = 512, value_parser = picture_side, value_name = "PIXELS")]
    pub size: usize,
    /// How many guided pictures the UNet takes at once
    #[arg(long, default_value_t = 1, value_parser = batch_size, value_name = "N")]
    pub batch: usize,
    /// Time this ControlNet beside the UNet too
    #[arg(long, value_name = "PATH")]
    pub control: Option<PathBuf>,
    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// Times the parts of a model and prints them.
///
/// # Errors
/// A model that cannot be loaded or run, as one sentence.
pub fn bench(args: &BenchArgs) -> anyhow::Result<()> {
    let (device, dtype) = (args.engine.device(), args.engine.dtype());
    let runtime = Runtime { device, dtype, tiled_vae: args.engine.tiled_vae.unwrap_or_default(), ..Runtime::default() };
    let (choice, control) = (args.engine.model(), args.control.as_deref());
    let timing = LocalEngine::new(runtime).measure(&choice, control, (args.size, args.batch), &Cancel::default())?;
    let model = args.engine.model.as_ref().map_or("starter".into(), |path| path.to_string_lossy());
    let threads = rayon::current_num_threads();
    let memory = peak_memory();
    let [peak_f32, peak_bf16] = [Precision::F32, Precision::Bf16].map(peak);
    if args.json {
        let object = json!({
            "model": model,
            "load_s": timing.load,
            "text_s": timing.text,
            "unet_s": timing.unet,
            "unet_reused_s": timing.reused,
            "control_s": timing.control,
            "hint_s": timing.hint,
            "vae_encode_s": timing.encode,
            "vae_decode_s": timing.decode,
            "peak_rss_bytes": memory,
            "peak_f32_flops": peak_f32,
            "peak_bf16_flops": peak_bf16,
            "device": device.label(),
            "dtype": dtype.on_this_machine().id(),
            "threads": threads,
            "size": args.size,
            "batch": args.batch,
            "instructions": format!("{:?}", instructions()).to_lowercase(),
        });
        print_line(&object.to_string());
        return Ok(());
    }
    let (dtype, size) = (dtype.on_this_machine().id(), args.size);
    print_line(&format!("{} in {dtype} on {threads} threads ({:?}), at {size}x{size}", model, instructions()));
    for (what, seconds) in [
        ("load", Some(timing.load)),
        ("text encoder", Some(timing.text)),
        ("UNet step, guided", Some(timing.unet)),
        ("step with --reuse", Some(timing.reused)),
        ("ControlNet beside", timing.control),
        ("hint, once a job", timing.hint),
        ("VAE encode", Some(timing.encode)),
        ("VAE decode", Some(timing.decode)),
    ] {
        if let Some(seconds) = seconds {
            print_line(&format!("{what:>18} {seconds:8.3} s"));
        }
    }
    if let Some(control) = timing.control {
        print_line(&format!("{:>18} {:8.0} % more for each step", "ControlNet", 100.0 * control / timing.unet));
    }
    if let Some(memory) = memory {
        print_line(&format!("{:>18} {:8.0} MB", "peak memory", memory as f64 / 1e6));
    }
    for (what, rate) in [("peak in f32", peak_f32), ("peak in bf16", peak_bf16)] {
        if let Some(rate) = rate {
            print_line(&format!("{what:>18} {:8.0} GFLOP/s", rate / 1e9));
        }
    }
    Ok(())
}

/// The most memory the process has held, where the system says so.
fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok().map(|kb| kb * 1024)
}

fn picture_side(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(side @ 64..=4096) if side % Settings::SIDE_STEP == 0 => Ok(side),
        _ => Err(format!("give a multiple of {} between 64 and 4096", Settings::SIDE_STEP)),
    }
}

fn batch_size(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(batch @ 1..=64) => Ok(batch),
        _ => Err("give a number between 1 and 64".into()),
    }
}
