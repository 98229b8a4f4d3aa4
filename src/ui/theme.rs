//! One look for the whole window.

use egui::{Color32, CornerRadius, FontDefinitions, FontFamily, FontId, Margin, Stroke, TextStyle, Vec2, Visuals};

/// The green of what is chosen or to be pressed.
pub(super) const ACCENT: Color32 = Color32::from_rgb(104, 171, 66);
/// Text on the accent.
pub(super) const ON_ACCENT: Color32 = Color32::from_rgb(16, 26, 10);
/// Something went wrong.
pub(super) const ERROR: Color32 = Color32::from_rgb(255, 138, 122);
/// Stars.
pub(super) const STAR: Color32 = Color32::from_rgb(240, 196, 84);
/// Behind pictures.
pub(super) const WELL: Color32 = Color32::from_rgb(24, 25, 27);

const PANEL: Color32 = Color32::from_rgb(36, 38, 41);
const FIELD: Color32 = Color32::from_rgb(26, 27, 30);

/// Sets colours, spacing and fonts.
pub(super) fn apply(ctx: &egui::Context) {
    ctx.set_theme(egui::Theme::Dark);
    ctx.set_fonts(fonts());
    ctx.all_styles_mut(|style| {
        let mut visuals = Visuals::dark();
        visuals.panel_fill = PANEL;
        visuals.window_fill = PANEL;
        visuals.extreme_bg_color = FIELD;
        visuals.faint_bg_color = Color32::from_rgb(44, 46, 50);
        visuals.selection.bg_fill = Color32::from_rgb(62, 105, 40);
        visuals.selection.stroke = Stroke::new(1.0, Color32::from_rgb(236, 246, 228));
        visuals.slider_trailing_fill = true;
        visuals.widgets.noninteractive.fg_stroke.color = Color32::from_gray(205);
        visuals.widgets.noninteractive.bg_stroke.color = Color32::from_gray(56);
        visuals.widgets.inactive.fg_stroke.color = Color32::from_gray(222);
        visuals.widgets.inactive.weak_bg_fill = Color32::from_rgb(56, 59, 64);
        visuals.widgets.inactive.bg_fill = Color32::from_rgb(62, 65, 70);
        visuals.widgets.hovered.weak_bg_fill = Color32::from_rgb(70, 74, 80);
        for widget in [
            &mut visuals.widgets.noninteractive,
            &mut visuals.widgets.inactive,
            &mut visuals.widgets.hovered,
            &mut visuals.widgets.active,
            &mut visuals.widgets.open,
        ] {
            widget.corner_radius = CornerRadius::same(5);
        }
        style.visuals = visuals;
        style.spacing.item_spacing = Vec2::new(8.0, 6.0);
        style.spacing.button_padding = Vec2::new(9.0, 4.0);
        style.spacing.interact_size.y = 24.0;
        style.spacing.window_margin = Margin::same(10);
        style.text_styles.insert(TextStyle::Heading, FontId::proportional(15.0));
        style.text_styles.insert(TextStyle::Body, FontId::proportional(13.5));
        style.text_styles.insert(TextStyle::Button, FontId::proportional(13.5));
        style.text_styles.insert(TextStyle::Small, FontId::proportional(11.5));
        style.interaction.tooltip_delay = 0.35;
    });
}

/// The window library's fonts. Text takes what its own font lacks, such as arrows, from the font for code.
fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    let for_code = fonts.families.get(&FontFamily::Monospace).cloned().unwrap_or_default();
    let for_text = fonts.families.entry(FontFamily::Proportional).or_default();
    let missing: Vec<String> = for_code.into_iter().filter(|name| !for_text.contains(name)).collect();
    for_text.extend(missing);
    fonts
}

/// The frame of a side panel.
pub(super) fn panel() -> egui::Frame {
    egui::Frame::new().fill(PANEL).inner_margin(Margin::same(12))
}

/// A section's title, the same everywhere.
pub(super) fn section(ui: &mut egui::Ui, title: &str) {
    ui.label(egui::RichText::new(title).heading().color(Color32::from_gray(238)));
}

/// The frame of a notice inside a panel.
pub(super) fn card() -> egui::Frame {
    egui::Frame::new().fill(WELL).corner_radius(CornerRadius::same(5)).inner_margin(Margin::same(8))
}
