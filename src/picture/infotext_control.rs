//! What the settings text says about control networks, as the ControlNet extension of AUTOMATIC1111's web UI writes it.

use crate::engine::ControlSettings;

/// What the extension calls the way in which a hint of another shape is fitted here.
const RESIZE_MODE: &str = "Crop and Resize";

/// The value of `ControlNet 0`, `ControlNet 1`, …: pairs with commas between them. `hash` is that of the network's file, empty
/// where it is not known.
pub(super) fn value(control: &ControlSettings, hash: &str) -> String {
    // The extension takes the text apart at commas and colons.
    let name = control.model_name().replace([',', ':', '"', '\n'], "_");
    let name = if hash.is_empty() { name } else { format!("{name} [{hash}]") };
    let pairs = [
        ("Module", control.preprocessor.module().to_owned()),
        ("Model", name),
        ("Weight", control.weight.to_string()),
        ("Resize Mode", RESIZE_MODE.to_owned()),
        ("Control Mode", control.mode.web_name().to_owned()),
        ("Guidance Start", control.start.to_string()),
        ("Guidance End", control.end.to_string()),
    ];
    let pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}: {value}")).collect();
    pairs.join(", ")
}
