//! Opens the window, or says in one sentence what is missing.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;
use eframe::NativeOptions;
use egui::ViewportBuilder;

use super::{App, Options};
use crate::engine::Engine;

/// Runs the program in a window until it is closed.
///
/// # Errors
/// When no window can be opened, with what to install and what to do instead.
pub fn run(options: Options, make_engine: impl Fn() -> Box<dyn Engine> + Send + 'static) -> anyhow::Result<()> {
    let no_display = cfg!(target_os = "linux")
        && ["DISPLAY", "WAYLAND_DISPLAY", "WAYLAND_SOCKET"].iter().all(|name| std::env::var_os(name).is_none());
    if no_display {
        return Err(cannot_open("there is no display (neither DISPLAY nor WAYLAND_DISPLAY is set)"));
    }
    let native = NativeOptions {
        viewport: ViewportBuilder::default()
            .with_title("underpaint")
            .with_app_id("underpaint")
            .with_inner_size([1320.0, 860.0])
            .with_min_inner_size([1000.0, 640.0]),
        renderer: eframe::Renderer::Glow,
        ..NativeOptions::default()
    };
    // The windowing libraries panic where a system library is missing; until the window stands,
    // say that as a sentence too.
    let standing = Arc::new(AtomicBool::new(false));
    let hook: Arc<Hook> = Arc::from(std::panic::take_hook());
    let (seen, loud) = (Arc::clone(&standing), Arc::clone(&hook));
    std::panic::set_hook(Box::new(
        move |info| {
            if seen.load(Ordering::Relaxed) { loud(info) } else { tracing::error!("{info}") }
        },
    ));
    let started = Arc::clone(&standing);
    let opened = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let build = Box::new(move |cc: &eframe::CreationContext<'_>| -> Result<Box<dyn eframe::App>, _> {
            started.store(true, Ordering::Relaxed);
            Ok(Box::new(App::new(&cc.egui_ctx, options, make_engine)))
        });
        eframe::run_native("underpaint", native, build)
    }));
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(cannot_open(&error.to_string())),
        Err(panic) if standing.load(Ordering::Relaxed) => std::panic::resume_unwind(panic),
        Err(_) => Err(cannot_open("the system's window libraries failed to start")),
    }
}

type Hook = dyn Fn(&std::panic::PanicHookInfo<'_>) + Send + Sync;

fn cannot_open(reason: &str) -> anyhow::Error {
    let reason = reason.lines().next().unwrap_or_default().trim_end_matches('.');
    anyhow!(
        "No window could be opened: {reason}. On Debian install libgl1, libegl1, libxkbcommon-x11-0, libxcursor1, libxi6 and libxrandr2 and start from a desktop, or work without a window: underpaint generate --init sketch.png --prompt \"a green apple\" --out pictures"
    )
}
