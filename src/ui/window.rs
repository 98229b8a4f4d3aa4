//! Opens the window, or says in one sentence what it lacks.

use anyhow::anyhow;
use eframe::NativeOptions;
use egui::ViewportBuilder;

use super::{App, Options};

/// Runs the program in a window until it is closed.
///
/// # Errors
/// When no window can be opened, with what to install and what to do instead.
pub fn run(options: Options) -> anyhow::Result<()> {
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
    // The windowing libraries panic where a system library is missing; say it as a sentence.
    let quiet = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| tracing::error!("{info}")));
    let opened = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        eframe::run_native("underpaint", native, Box::new(|cc| Ok(Box::new(App::new(&cc.egui_ctx, options)))))
    }));
    std::panic::set_hook(quiet);
    match opened {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(cannot_open(&error.to_string())),
        Err(_) => Err(cannot_open("the system's window libraries failed to start")),
    }
}

fn cannot_open(reason: &str) -> anyhow::Error {
    let reason = reason.lines().next().unwrap_or_default().trim_end_matches('.');
    anyhow!(
        "No window could be opened: {reason}. On Debian install libgl1, libegl1, libxkbcommon-x11-0, libxcursor1, libxi6 and libxrandr2 and start from a desktop, or work without a window: underpaint generate --init sketch.png --prompt \"a green apple\" --out pictures"
    )
}
