//! ControlNet (Zhang et al. 2023): a copy of the UNet's way down that sees a picture, the hint, besides the latent, and
//! adds what it makes of both to the UNet's skip connections and to its middle block.

mod config;
mod hint_encoder;

use candle_core::Tensor;

use crate::diffusion::compute_device::ComputeDevice;
use crate::diffusion::files::control::{ChangedUNet, ControlFile};
use crate::diffusion::files::part::{Findings, PartFiles, PartReader};
use crate::diffusion::networks::layers::{LayerReader, Linear, PartLoader};
use crate::diffusion::networks::unet::{Conditions, DownPath, Reached, Residuals, ResidualsNeeded};
use crate::diffusion::watch::Watch;
use crate::engine::Error;
pub(in crate::diffusion) use config::ControlNetConfig;
use config::HINT_CHANNELS;
use hint_encoder::HintEncoder;

/// A control network, ready to run.
pub(in crate::diffusion) struct ControlNet {
    way_down: DownPath,
    hint: HintEncoder,
    /// A 1×1 convolution for each skip connection.
    skips: Vec<Linear>,
    middle: Linear,
}

impl ControlNet {
    /// Builds the network.
    ///
    /// # Errors
    /// A weight that is missing or has another shape than the config says.
    pub fn new(config: &ControlNetConfig, reader: LayerReader) -> candle_core::Result<Self> {
        let widths = &config.unet.block_out_channels;
        let (first, lowest) = (widths[0], widths[widths.len() - 1]);
        let skip = |(index, width): (usize, usize)| {
            Linear::from_conv(width, width, reader.pp(format!("controlnet_down_blocks.{index}")))
        };
        Ok(Self {
            way_down: DownPath::new(&config.unet, &reader)?,
            hint: HintEncoder::new(HINT_CHANNELS, &config.hint_widths, first, &reader)?,
            skips: DownPath::skips(&config.unet).into_iter().enumerate().map(skip).collect::<Result<_, _>>()?,
            middle: Linear::from_conv(lowest, lowest, reader.pp("controlnet_mid_block"))?,
        })
    }

    /// Reads a network from its file. `base` reads the UNet that a control LoRA changes.
    ///
    /// # Errors
    /// A damaged file, one for another model, or [`Error::Cancelled`] between two tensors.
    pub fn load(
        file: &ControlFile,
        config: &ControlNetConfig,
        base: Option<PartReader<'_>>,
        device: &ComputeDevice,
        watch: &Watch,
    ) -> Result<Self, Error> {
        let (path, part) = (file.path(), file.part()?);
        let files = match base {
            Some(base) => PartFiles::Changed(Box::new(ChangedUNet { path, changes: part, base })),
            None => part,
        };
        let findings = Findings::new(0);
        let reader = PartReader { name: "control", files: &files, loras: &[], findings: &findings };
        let loader = PartLoader::new(reader, device.dtype(), &device.candle, watch);
        Self::new(config, loader.root()).map_err(|error| loader.explain(&error, path.to_path_buf()))
    }

    /// What the network sees of a picture `[1, 3, height, width]` in 0..1: `[1, height/f, width/f, c]`. It depends on
    /// neither latent, timestep nor prompt.
    ///
    /// # Errors
    /// [`Error::Cancelled`], or shapes that do not fit.
    pub fn encode_hint(&self, picture: &Tensor, watch: &Watch) -> Result<Tensor, Error> {
        self.hint.forward(picture, watch)
    }

    /// How many skip connections it has residuals for.
    pub fn skips(&self) -> usize {
        self.skips.len()
    }

    /// The residuals for a scaled latent `x` `[batch, c, h, w]` under an encoded hint, unweighted. No more of the network
    /// runs than those that are needed take.
    ///
    /// # Errors
    /// [`Error::Cancelled`] between two blocks, or shapes that do not fit.
    pub fn forward(
        &self,
        x: &Tensor,
        hint: &Tensor,
        conditions: &Conditions<'_>,
        needed: ResidualsNeeded,
        watch: &Watch,
    ) -> Result<Residuals, Error> {
        // What other networks add to the UNet's way down is not for this copy of it, and regions are for the UNet alone.
        let conditions = &Conditions { residuals: None, regions: None, ..*conditions };
        let (reached, middle) = match needed {
            ResidualsNeeded::All => {
                let reached = self.way_down.forward(x, Some(hint), conditions, watch)?;
                let middle = per_pixel(&self.middle, &reached.x)?;
                (reached, Some(middle))
            }
            ResidualsNeeded::FirstSkips(count) => {
                (self.way_down.begin(x, Some(hint), count.saturating_sub(1), conditions, watch)?, None)
            }
        };
        let Reached { skips, .. } = reached;
        let skips = self.skips.iter().zip(&skips).map(|(layer, skip)| per_pixel(layer, skip));
        Ok(Residuals { skips: skips.collect::<candle_core::Result<_>>()?, middle, levels: Vec::new() })
    }
}

/// A linear layer on every pixel of `[b, h, w, c]`.
fn per_pixel(layer: &Linear, x: &Tensor) -> candle_core::Result<Tensor> {
    let (b, h, w, c) = x.dims4()?;
    layer.forward(&x.reshape((b, h * w, c))?)?.reshape((b, h, w, ()))
}
