//! Opens the window, or says in one sentence what is missing.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;
use eframe::NativeOptions;
use egui::ViewportBuilder;
use raw_window_handle::{HasDisplayHandle, RawDisplayHandle};

use super::{App, Options};
use crate::engine::Engine;

/// The smallest window in points: a screen of 1366 × 768 pixels at a scale of 150 % has 910 × 512,
/// less the title bar and the desktop's own bar.
const SMALLEST: [f32; 2] = [760.0, 400.0];

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
            .with_min_inner_size(SMALLEST),
        renderer: eframe::Renderer::Glow,
        ..NativeOptions::default()
    };
    // The windowing libraries panic where a system library is missing. Until the window is open,
    // such a panic is reported as one sentence and not as a backtrace.
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
            let app = App::new(&cc.egui_ctx, options, make_engine).with_drops(takes_drops(cc));
            #[cfg(target_os = "linux")]
            let app = if is_on_x11(cc) { app.with_x11_pens() } else { app };
            Ok(Box::new(app))
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

/// Whether the system can hand dropped files to the window: the window library supports that
/// everywhere but on Wayland.
fn takes_drops(cc: &eframe::CreationContext<'_>) -> bool {
    let display = cc.display_handle().map(|display| display.as_raw());
    !matches!(display, Ok(RawDisplayHandle::Wayland(_)))
}

/// Whether the window is on an X server, where pens tell more than the window library does.
#[cfg(target_os = "linux")]
fn is_on_x11(cc: &eframe::CreationContext<'_>) -> bool {
    let display = cc.display_handle().map(|display| display.as_raw());
    matches!(display, Ok(RawDisplayHandle::Xlib(_) | RawDisplayHandle::Xcb(_)))
}

type Hook = dyn Fn(&std::panic::PanicHookInfo<'_>) + Send + Sync;

fn cannot_open(reason: &str) -> anyhow::Error {
    let reason = reason.lines().next().unwrap_or_default().trim_end_matches('.');
    anyhow!(
        "No window could be opened: {reason}. On Debian install libgl1, libegl1, libxkbcommon-x11-0, libxcursor1, libxi6 and libxrandr2 and start from a desktop, or work without a window: underpaint generate --init sketch.png --prompt \"a green apple\" --out pictures"
    )
}
