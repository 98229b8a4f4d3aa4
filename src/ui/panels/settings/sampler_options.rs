//! Options of sampling for pictures that were made with AUTOMATIC1111's other settings.

use crate::engine::{Emphasis, MAX_SEED, PredictionType, SamplerOptions, Settings};
use crate::ui::widgets::{NumberField, labelled_list};

/// The options, folded until they are asked for.
pub(super) fn ui(ui: &mut egui::Ui, settings: &mut Settings) {
    let title = if settings.sampling.is_default() { "Sampler options" } else { "Sampler options (changed)" };
    egui::CollapsingHeader::new(title).id_salt("sampler options").show(ui, |ui| fields(ui, settings));
}

fn fields(ui: &mut egui::Ui, settings: &mut Settings) {
    if ui.button("Back to the usual").on_hover_text("Set all sampler options to their usual values.").clicked() {
        settings.sampling = SamplerOptions::default();
    }
    let usual = settings.sampling.eta_of(settings.sampler);
    let options = &mut settings.sampling;
    let mut own = options.eta.is_some();
    ui.checkbox(&mut own, "Eta").on_hover_text(
        "How much noise stochastic samplers add in each step. Usually 1, for DDIM 0; less makes them calmer.",
    );
    options.eta = own.then(|| options.eta.unwrap_or(usual));
    if let Some(eta) = &mut options.eta {
        NumberField::new("Eta of each step", "0 adds no noise.").step(0.05, 2).ui(ui, eta, 0.0..=1.0);
    }
    let help = "Added to the seed for the noise of the steps (ENSD). Many published pictures were made with 31337.";
    NumberField::new("Eta noise seed delta", help).logarithmic().ui(
        ui,
        &mut options.noise_seed_delta,
        -MAX_SEED..=MAX_SEED,
    );
    let help = "Noise that Euler, Heun and DPM2 add before each step.";
    NumberField::new("Sigma churn", help).step(0.5, 1).ui(ui, &mut options.churn, 0.0..=100.0);
    let help = "The lowest sigma that churn is added at.";
    NumberField::new("Sigma tmin", help).step(0.05, 2).ui(ui, &mut options.churn_from, 0.0..=10.0);
    let help = "The highest sigma that churn is added at; 0 for any.";
    NumberField::new("Sigma tmax", help).step(0.5, 2).ui(ui, &mut options.churn_to, 0.0..=1000.0);
    let help = "What the noise of steps is multiplied by.";
    NumberField::new("Sigma noise", help).step(0.001, 3).ui(ui, &mut options.step_noise, 0.0..=1.5);
    let help = "The schedule's lowest sigma; 0 for the model's. Uniform, Simple, DDIM and Align Your Steps ignore it.";
    NumberField::new("Schedule min sigma", help).step(0.01, 3).ui(ui, &mut options.min_sigma, 0.0..=10.0);
    let help = "The schedule's highest sigma; 0 for the model's.";
    NumberField::new("Schedule max sigma", help).step(0.5, 2).ui(ui, &mut options.max_sigma, 0.0..=1000.0);
    let help = "The exponent of Karras and Polyexponential; 0 for the usual, 7 and 1.";
    NumberField::new("Schedule rho", help).step(0.5, 1).ui(ui, &mut options.rho, 0.0..=100.0);
    let help = "Shape of the schedule Beta.";
    NumberField::new("Beta schedule alpha", help).step(0.01, 2).ui(ui, &mut options.beta_alpha, 0.01..=1.0);
    NumberField::new("Beta schedule beta", help).step(0.01, 2).ui(ui, &mut options.beta_beta, 0.01..=1.0);
    let help = "Below this sigma every other evaluation of the model ignores the negative prompt and takes half the time (NGMS).";
    NumberField::new("Negative guidance minimum sigma", help).step(0.05, 2).ui(
        ui,
        &mut options.negative_min_sigma,
        0.0..=15.0,
    );
    ui.checkbox(&mut options.negative_min_sigma_all, "In all steps below it").on_hover_text("Not only in every other.");
    let help = "Share of the steps, the first ones, that ignore the negative prompt and take half the time.";
    NumberField::new("Skip early CFG", help).step(0.05, 2).ui(ui, &mut options.skip_early, 0.0..=1.0);
    ui.checkbox(&mut options.discard_penultimate, "Discard penultimate sigma")
        .on_hover_text("Leave out the second-to-last sigma of the schedule. DPM2 and DPM++ 3M SDE do so anyway.");
    ui.checkbox(&mut options.sgm_noise, "SGM noise multiplier")
        .on_hover_text("Without a canvas, begin with a little more noise, as SGM does.");
    ui.checkbox(&mut options.zero_snr, "Zero terminal SNR").on_hover_text(
        "Rescale the noise schedule so that it ends without any signal. For models that were trained so, which predict velocity.",
    );
    labelled_list(ui, "Emphasis", "What (word:1.2) in prompts does.", options.emphasis.label().into(), |ui| {
        for emphasis in Emphasis::ALL {
            ui.selectable_value(&mut options.emphasis, emphasis, emphasis.label());
        }
    });
    let help = "What the model predicts. Auto tells by its files, or by trial; wrong ones give noise.";
    let shown = options.prediction.map_or("auto", PredictionType::id);
    labelled_list(ui, "Prediction", help, shown.into(), |ui| {
        ui.selectable_value(&mut options.prediction, None, "auto");
        for prediction in PredictionType::ALL {
            ui.selectable_value(&mut options.prediction, Some(prediction), prediction.id());
        }
    });
}
