//! The colours of the window by what they are for, in each of the two themes.

use egui::{Color32, Theme, Ui};

/// Colours of one theme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::ui) struct Colors {
    /// Behind panels, menus and dialogs.
    pub panel: Color32,
    /// Behind text that is typed, and sliders.
    pub field: Color32,
    /// Behind every second row, and behind the row that is chosen in a list.
    pub row: Color32,
    /// Behind a notice inside a panel.
    pub card: Color32,
    /// Behind a button.
    pub button: Color32,
    /// Behind a button under the pointer.
    pub hovered: Color32,
    /// Behind what is chosen: the tool in use, an entry of a list, selected letters.
    pub selected: Color32,
    /// Letters on `selected`.
    pub on_selected: Color32,
    /// Titles.
    pub title: Color32,
    /// Letters.
    pub text: Color32,
    /// Letters that matter less.
    pub weak_text: Color32,
    /// Letters of what is going on, of what was added, and of what is in use.
    pub good: Color32,
    /// Letters that say that something went wrong.
    pub error: Color32,
    /// Letters of notes beside a starred result.
    pub note: Color32,
    /// Lines between parts.
    pub line: Color32,
    /// Lines and dots that must be seen: the tree of rounds, a panel's edge under the pointer.
    pub strong_line: Color32,
}

const DARK: Colors = Colors {
    panel: Color32::from_rgb(36, 38, 41),
    field: Color32::from_rgb(26, 27, 30),
    row: Color32::from_rgb(44, 46, 50),
    card: Color32::from_rgb(24, 25, 27),
    button: Color32::from_rgb(56, 59, 64),
    hovered: Color32::from_rgb(70, 74, 80),
    selected: Color32::from_rgb(62, 105, 40),
    on_selected: Color32::from_rgb(236, 246, 228),
    title: Color32::from_gray(238),
    text: Color32::from_gray(212),
    weak_text: Color32::from_gray(160),
    good: Color32::from_rgb(132, 201, 92),
    error: Color32::from_rgb(255, 138, 122),
    note: Color32::from_rgb(240, 196, 84),
    line: Color32::from_gray(56),
    strong_line: Color32::from_gray(140),
};

const LIGHT: Colors = Colors {
    panel: Color32::from_rgb(241, 242, 244),
    field: Color32::from_rgb(255, 255, 255),
    row: Color32::from_rgb(229, 231, 234),
    card: Color32::from_rgb(226, 228, 232),
    button: Color32::from_rgb(219, 222, 227),
    hovered: Color32::from_rgb(204, 208, 215),
    selected: Color32::from_rgb(178, 217, 152),
    on_selected: Color32::from_rgb(20, 38, 10),
    title: Color32::from_gray(18),
    text: Color32::from_gray(38),
    weak_text: Color32::from_gray(86),
    good: Color32::from_rgb(36, 92, 12),
    error: Color32::from_rgb(168, 24, 8),
    note: Color32::from_rgb(112, 72, 0),
    line: Color32::from_gray(204),
    strong_line: Color32::from_gray(110),
};

impl Colors {
    /// The colours of a theme.
    pub fn of(theme: Theme) -> &'static Self {
        match theme {
            Theme::Dark => &DARK,
            Theme::Light => &LIGHT,
        }
    }
}

/// The colours of the theme in use.
pub(in crate::ui) fn colors(ui: &Ui) -> &'static Colors {
    if ui.visuals().dark_mode { &DARK } else { &LIGHT }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::theme::{ACCENT, ON_ACCENT, STAR, WELL, WELL_TEXT};

    /// The contrast of two colours after WCAG 2, from 1 to 21.
    fn contrast(one: Color32, other: Color32) -> f32 {
        let channel = |value: u8| {
            let value = f32::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let luminance =
            |color: Color32| 0.2126 * channel(color.r()) + 0.7152 * channel(color.g()) + 0.0722 * channel(color.b());
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    #[test]
    fn the_contrast_of_known_pairs_is_known() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-3);
        assert!((contrast(Color32::from_gray(0x77), Color32::WHITE) - 4.48).abs() < 0.01);
    }

    #[test]
    fn text_can_be_read_in_both_themes() {
        for (theme, colors) in [(Theme::Dark, DARK), (Theme::Light, LIGHT)] {
            let Colors { panel, field, row, card, button, hovered, .. } = colors;
            let letters = [
                ("title", colors.title, &[panel, row, card][..]),
                ("text", colors.text, &[panel, field, row, card, button, hovered]),
                ("weak text", colors.weak_text, &[panel, field, row, card]),
                ("good", colors.good, &[panel, row, card]),
                ("error", colors.error, &[panel, row, card]),
                ("note", colors.note, &[panel, row]),
                ("on selected", colors.on_selected, &[colors.selected]),
                ("on accent", ON_ACCENT, &[ACCENT]),
                ("in the well", WELL_TEXT, &[WELL]),
            ];
            for (name, letter, behind) in letters {
                for (at, behind) in behind.iter().enumerate() {
                    let found = contrast(letter, *behind);
                    assert!(found >= 4.5, "{name} on background {at} of {theme:?}: {found:.2}");
                }
            }
            // What is no text needs 3.
            assert!(contrast(colors.strong_line, panel) >= 3.0, "{theme:?}");
        }
        assert!(contrast(ACCENT, WELL) >= 3.0 && contrast(STAR, WELL) >= 3.0);
    }

    #[test]
    fn what_the_window_library_draws_has_the_colours_of_the_theme() {
        let ctx = egui::Context::default();
        crate::ui::theme::apply(&ctx);
        for theme in [Theme::Dark, Theme::Light] {
            let visuals = ctx.style_of(theme).visuals.clone();
            let colors = Colors::of(theme);
            assert_eq!(visuals.dark_mode, theme == Theme::Dark);
            let text = visuals.widgets.noninteractive.fg_stroke.color;
            assert_eq!((visuals.panel_fill, text), (colors.panel, colors.text));
            assert!(contrast(visuals.weak_text_color(), visuals.panel_fill) >= 4.5, "{theme:?}");
            for (state, fill) in [
                (visuals.widgets.inactive, colors.button),
                (visuals.widgets.hovered, colors.hovered),
                (visuals.widgets.active, colors.hovered),
                (visuals.widgets.open, colors.hovered),
            ] {
                assert_eq!(state.weak_bg_fill, fill, "{theme:?}");
                assert!(contrast(state.fg_stroke.color, fill) >= 4.5, "{theme:?}");
            }
        }
    }
}
