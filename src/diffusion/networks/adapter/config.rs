//! What shapes a T2I-Adapter, as its file tells it, and whether it fits a UNet.

use std::path::Path;

use crate::diffusion::files::control::ControlShapes;
use crate::diffusion::networks::unet::config::UNetConfig;
use crate::engine::Error;

/// The config of an adapter.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::diffusion) struct AdapterConfig {
    /// Pixels a side that become one place of the latent.
    pub factor: usize,
    /// Channels of the picture: 3, or 1 for grey.
    pub channels: usize,
    /// Channels of each level, as the UNet has them.
    pub widths: Vec<usize>,
    /// Residual blocks of each level.
    pub blocks: usize,
}

impl AdapterConfig {
    /// The config of an adapter with tensors of these shapes, beside a UNet whose latents have one place for each `factor`
    /// pixels.
    ///
    /// # Errors
    /// [`Error::File`] that says why it does not fit.
    pub fn new(path: &Path, shapes: &ControlShapes, unet: &UNetConfig, factor: usize) -> Result<Self, Error> {
        let unfit = |what: String| {
            Error::File(format!(
                "{} does not fit this model: {what}; choose a T2I-Adapter for this model.",
                path.display()
            ))
        };
        let dimension = |name: String, at: usize| shapes.dimension(&name, at);
        let inputs = dimension("conv_in.weight".into(), 1).ok_or_else(|| unfit("it has no first layer".into()))?;
        let channels = match inputs / (factor * factor) {
            channels @ (1 | 3) if channels * factor * factor == inputs => channels,
            _ => return Err(unfit(format!("its first layer takes {inputs} channels"))),
        };
        let block = |level: usize, block: usize| dimension(format!("body.{level}.resnets.{block}.block1.weight"), 0);
        let widths: Vec<usize> = (0..16).map_while(|level| block(level, 0)).collect();
        if widths != unet.block_out_channels {
            return Err(unfit(format!(
                "its levels have {widths:?} channels and the UNet's {:?}",
                unet.block_out_channels
            )));
        }
        let blocks = (0..16).take_while(|index| block(0, *index).is_some()).count();
        Ok(Self { factor, channels, widths, blocks })
    }
}
