//! Arguments, then the window or a command. The only place that chooses an engine.

#![warn(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::ExitCode;

use clap::Parser;
use underpaint::cli::{self, Args, Command};
use underpaint::diffusion::LocalEngine;
#[cfg(feature = "window")]
use underpaint::engine::{ModelChoice, Runtime};
use underpaint::kernels::memory::Recycler;

#[global_allocator]
static MEMORY: Recycler = Recycler;

fn main() -> ExitCode {
    let args = Args::parse();
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::try_from_env("UNDERPAINT_LOG").unwrap_or_else(|_| "off".into()))
        .with_writer(std::io::stderr)
        .init();
    match run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("underpaint: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> anyhow::Result<()> {
    match args.command {
        Some(Command::Generate(generate)) => {
            cli::use_threads(generate.threads.or(args.threads))?;
            cli::generate(&generate, &mut LocalEngine::new(generate.runtime()))
        }
        Some(Command::Bench(bench)) => {
            cli::use_threads(bench.threads.or(args.threads))?;
            cli::bench(&bench)
        }
        Some(Command::Licenses) => {
            cli::licenses();
            Ok(())
        }
        None => {
            cli::use_threads(args.threads)?;
            window(args)
        }
    }
}

#[cfg(feature = "window")]
fn window(args: Args) -> anyhow::Result<()> {
    let runtime = Runtime {
        device: args.device,
        dtype: args.dtype,
        loras: Some(args.loras.unwrap_or_else(cli::default_lora_folder)),
        embeddings: Some(args.embeddings.unwrap_or_else(cli::default_embedding_folder)),
        preview_vae: None,
    };
    let options = underpaint::ui::Options {
        model: ModelChoice::from_text(&args.model),
        folder: args.out.unwrap_or_else(cli::default_folder),
        drawing: cli::default_drawing(),
        runtime: runtime.clone(),
    };
    underpaint::ui::run(options, move || Box::new(LocalEngine::new(runtime.clone())))
}

#[cfg(not(feature = "window"))]
fn window(_: Args) -> anyhow::Result<()> {
    anyhow::bail!("This underpaint was built without its window; underpaint generate works, see underpaint --help.")
}
