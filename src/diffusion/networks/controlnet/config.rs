//! What shapes a control network: the UNet that it is for, and what its file says of its hint encoder.

use crate::diffusion::files::control::ControlFile;
use crate::diffusion::files::kind::Family;
use crate::diffusion::networks::unet::DownPath;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::engine::Error;

/// Channels of a hint: red, green and blue.
pub(super) const HINT_CHANNELS: usize = 3;

/// The config of a control network for one UNet.
#[derive(Clone, Debug)]
pub struct ControlNetConfig {
    /// The UNet's, whose way down the network copies; it takes the latent alone.
    pub unet: UNetConfig,
    /// Channels of the hint encoder at each size, from that of the picture on.
    pub hint_widths: Vec<usize>,
}

impl ControlNetConfig {
    /// The config of a file's network beside a UNet whose latents have one place for each `factor` pixels.
    ///
    /// # Errors
    /// [`Error::File`] that says for which other model the file was made.
    pub fn new(file: &ControlFile, unet: &UNetConfig, factor: usize) -> Result<Self, Error> {
        let (name, shapes) = (file.path().display(), file.shapes()?);
        let dimension = |tensor: &str, at: usize| shapes.dimension(tensor, at);
        if let Some(width) = shapes.text_width()
            && width != unet.cross_attention_dim
        {
            let family = |width| Family::of_text_width(width).map_or("another kind of model", Family::label);
            return Err(Error::File(format!(
                "{name} is a ControlNet for {} (text of {width} numbers a token), and this model is {} (text of {}); choose a ControlNet for this model.",
                family(width),
                family(unet.cross_attention_dim),
                unet.cross_attention_dim
            )));
        }
        let unfit = |what: String| {
            Error::File(format!("{name} does not fit this model: {what}; choose a ControlNet for this model."))
        };
        let skips = DownPath::skips(unet);
        for (index, width) in skips.iter().enumerate() {
            match dimension(&format!("controlnet_down_blocks.{index}.weight"), 0) {
                Some(theirs) if theirs == *width => {}
                Some(theirs) => {
                    return Err(unfit(format!(
                        "its residual {index} has {theirs} channels and the UNet {width} there"
                    )));
                }
                None => return Err(unfit(format!("it has {index} residuals and the UNet {}", skips.len()))),
            }
        }
        if dimension(&format!("controlnet_down_blocks.{}.weight", skips.len()), 0).is_some() {
            return Err(unfit(format!("it has more residuals than the UNet, which has {}", skips.len())));
        }
        if unet.mid_block_type.is_none() {
            return Err(unfit("the UNet has no middle block".into()));
        }
        let hint = |tensor: &str, at| dimension(&format!("controlnet_cond_embedding.{tensor}.weight"), at);
        let missing = || unfit("it has no hint encoder".into());
        let mut hint_widths = vec![hint("conv_in", 0).ok_or_else(missing)?];
        for block in (1..16).step_by(2) {
            match hint(&format!("blocks.{block}"), 0) {
                Some(width) => hint_widths.push(width),
                None => break,
            }
        }
        match hint("conv_in", 1) {
            Some(HINT_CHANNELS) => {}
            channels => {
                let channels = channels.unwrap_or_default();
                return Err(unfit(format!("it takes pictures of {channels} channels, and 3 are given")));
            }
        }
        let shrinks = 1usize << (hint_widths.len() - 1);
        if shrinks != factor {
            return Err(unfit(format!(
                "its hint encoder makes one place of {shrinks} pixels a side and the model of {factor}"
            )));
        }
        let unet = UNetConfig { in_channels: unet.out_channels, time_cond_proj_dim: None, ..unet.clone() };
        Ok(Self { unet, hint_widths })
    }
}
