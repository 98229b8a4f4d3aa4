//! How the masked part of the canvas is repainted.

use egui::Ui;

use crate::engine::{Inpaint, InpaintArea, MaskedContent, Settings};
use crate::ui::widgets::{NumberField, labelled_list};

/// The group, shown while a part of the canvas is kept. Its values are settings, edited in place as all of them are.
pub(super) fn ui(ui: &mut Ui, settings: &mut Settings, has_mask: bool) {
    if !has_mask && !settings.keep_unpainted {
        return;
    }
    let mut is_on = settings.inpaint.is_some();
    ui.checkbox(&mut is_on, "Inpainting options").on_hover_text(
        "Repaint the masked part as AUTOMATIC1111 does, with a blurred mask and the choices below. Otherwise the rest is kept up to a soft edge outside what is masked or painted.",
    );
    if is_on != settings.inpaint.is_some() {
        settings.inpaint = is_on.then(Inpaint::default);
    }
    match &mut settings.inpaint {
        Some(inpaint) => options(ui, inpaint),
        None => {
            let help = "Width of the soft edge around what was painted, where old and new are mixed.";
            NumberField::new("Feather", help).suffix(" px").ui(ui, &mut settings.feather, 0..=Settings::MAX_FEATHER);
        }
    }
}

fn options(ui: &mut Ui, inpaint: &mut Inpaint) {
    let Inpaint { blur, area, padding, content, inverted, soft } = inpaint;
    let help = "How much the mask is blurred. Its edge becomes soft to both sides.";
    NumberField::new("Mask blur", help).suffix(" px").ui(ui, blur, 0..=Inpaint::MAX_BLUR);
    let help = "What the masked part holds at the start. Fill blurs its surroundings into it; latent noise and latent nothing forget what was there and need a high denoising strength.";
    labelled_list(ui, "Masked content", help, content.label().into(), |ui| {
        for choice in MaskedContent::ALL {
            ui.selectable_value(content, choice, choice.label());
        }
    });
    let help = "Whole picture, or only the masked part with its padding, made at the size of the results and put back into the canvas at its full resolution.";
    labelled_list(ui, "Inpaint area", help, area.label().into(), |ui| {
        for choice in InpaintArea::ALL {
            ui.selectable_value(area, choice, choice.label());
        }
    });
    if *area == InpaintArea::OnlyMasked {
        let help = "How much around the masked part is seen with it.";
        NumberField::new("Masked area padding", help).suffix(" px").ui(ui, padding, 0..=Inpaint::MAX_PADDING);
    }
    ui.checkbox(inverted, "Inpaint what is not masked").on_hover_text("Keep what is masked and repaint the rest.");
    ui.checkbox(soft, "Soft inpainting").on_hover_text(
        "How strongly a place is masked says how much it may change (differential diffusion). Paint the mask with a soft brush, or blur it.",
    );
}
