//! One look for the whole window, dark or light.
//!
//! - `colors.rs` has every colour of panels and letters, by what it is for.
//! - `choice.rs` is which theme a person chose.
//! - `fonts.rs` has the letters and icons, `more_fonts.rs` adds fonts of this machine where a text needs them.
//!
//! Pictures lie in a well that is dark in both themes, so that they are judged alike; its colours are the constants here.

mod choice;
mod colors;
mod fonts;
mod more_fonts;

pub use choice::ThemeChoice;
pub(super) use colors::{Colors, colors};
pub(super) use fonts::{icon, icon_font};
pub(super) use more_fonts::{MoreFonts, add as add_font};

use egui::{Color32, CornerRadius, FontId, Margin, Stroke, Style, TextStyle, Theme, Vec2, Visuals};

/// The green of what is to be pressed, and the rim of the picture that is chosen.
pub(super) const ACCENT: Color32 = Color32::from_rgb(104, 171, 66);
/// Text on the accent.
pub(super) const ON_ACCENT: Color32 = Color32::from_rgb(16, 26, 10);
/// Stars on pictures.
pub(super) const STAR: Color32 = Color32::from_rgb(240, 196, 84);
/// Behind pictures.
pub(super) const WELL: Color32 = Color32::from_rgb(24, 25, 27);
/// Letters behind which a picture will be.
pub(super) const WELL_TEXT: Color32 = Color32::from_gray(150);

/// Sets the colours of both themes, spacing and fonts.
pub(super) fn apply(ctx: &egui::Context) {
    ctx.set_fonts(fonts::definitions());
    for theme in [Theme::Dark, Theme::Light] {
        ctx.style_mut_of(theme, |style| {
            style.visuals = visuals(theme);
            shared(style);
        });
    }
}

fn visuals(theme: Theme) -> Visuals {
    let colors = Colors::of(theme);
    let mut visuals = theme.default_visuals();
    visuals.panel_fill = colors.panel;
    visuals.window_fill = colors.panel;
    visuals.extreme_bg_color = colors.field;
    visuals.faint_bg_color = colors.row;
    visuals.error_fg_color = colors.error;
    visuals.weak_text_color = Some(colors.weak_text);
    visuals.selection.bg_fill = colors.selected;
    visuals.selection.stroke = Stroke::new(1.0, colors.on_selected);
    visuals.slider_trailing_fill = true;
    let widgets = &mut visuals.widgets;
    widgets.noninteractive.fg_stroke.color = colors.text;
    widgets.noninteractive.bg_stroke.color = colors.line;
    widgets.inactive.bg_fill = colors.button;
    widgets.inactive.weak_bg_fill = colors.button;
    widgets.inactive.fg_stroke.color = colors.text;
    for state in [&mut widgets.hovered, &mut widgets.active, &mut widgets.open] {
        state.weak_bg_fill = colors.hovered;
        state.bg_fill = colors.hovered;
        state.fg_stroke.color = colors.title;
    }
    for state in [
        &mut widgets.noninteractive,
        &mut widgets.inactive,
        &mut widgets.hovered,
        &mut widgets.active,
        &mut widgets.open,
    ] {
        state.corner_radius = CornerRadius::same(5);
    }
    visuals
}

/// What both themes have in common.
fn shared(style: &mut Style) {
    style.spacing.item_spacing = Vec2::new(8.0, 6.0);
    style.spacing.button_padding = Vec2::new(9.0, 4.0);
    style.spacing.interact_size.y = 24.0;
    style.spacing.window_margin = Margin::same(10);
    style.text_styles.insert(TextStyle::Heading, FontId::proportional(15.0));
    style.text_styles.insert(TextStyle::Body, FontId::proportional(13.5));
    style.text_styles.insert(TextStyle::Button, FontId::proportional(13.5));
    style.text_styles.insert(TextStyle::Small, FontId::proportional(11.5));
    style.interaction.tooltip_delay = 0.35;
}

/// The frame of a side panel.
pub(super) fn panel(ui: &egui::Ui) -> egui::Frame {
    egui::Frame::new().fill(colors(ui).panel).inner_margin(Margin::same(12))
}

/// A section's title, the same everywhere.
pub(super) fn section(ui: &mut egui::Ui, title: &str) {
    let color = colors(ui).title;
    ui.label(egui::RichText::new(title).heading().color(color));
}

/// The frame of a notice inside a panel.
pub(super) fn card(ui: &egui::Ui) -> egui::Frame {
    egui::Frame::new().fill(colors(ui).card).corner_radius(CornerRadius::same(5)).inner_margin(Margin::same(8))
}
