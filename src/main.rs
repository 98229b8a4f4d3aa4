//! Arguments, then the window or a command; nothing else.

#![warn(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::process::ExitCode;

use clap::Parser;
use underpaint::cli::{self, Args, Command};
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
            cli::generate(&generate)
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
    let folder = args.out.unwrap_or_else(cli::default_folder);
    let loras = args.loras.unwrap_or_else(cli::default_lora_folder);
    let embeddings = args.embeddings.unwrap_or_else(cli::default_embedding_folder);
    let model = underpaint::diffusion::ModelChoice::from_text(&args.model);
    underpaint::ui::run(underpaint::ui::Options {
        model,
        folder,
        loras,
        embeddings,
        drawing: cli::default_drawing(),
        dtype: args.dtype,
        device: args.device,
    })
}

#[cfg(not(feature = "window"))]
fn window(_: Args) -> anyhow::Result<()> {
    anyhow::bail!("This underpaint was built without its window; underpaint generate works, see underpaint --help.")
}
