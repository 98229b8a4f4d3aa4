//! What kinds of UNets take besides the noisy latent.

/// What a UNet takes besides the noisy latent, in the channels behind those of the latent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::diffusion) enum UNetInputs {
    /// Nothing more.
    Latent,
    /// The mask and the latent of the masked picture: an inpainting model.
    Inpainting,
    /// The latent of a picture, unscaled: a model that edits pictures as InstructPix2Pix does.
    Edit,
}

impl UNetInputs {
    /// The kind that takes so many channels and predicts so many; `None` if there is none.
    pub fn of_channels(taken: usize, predicted: usize) -> Option<Self> {
        match taken.checked_sub(predicted)? {
            0 => Some(Self::Latent),
            more if more == predicted => Some(Self::Edit),
            more if more == predicted + 1 => Some(Self::Inpainting),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channels_tell_the_kind() {
        let kinds = [4, 9, 8, 5, 7, 3].map(|taken| UNetInputs::of_channels(taken, 4));
        let known = [UNetInputs::Latent, UNetInputs::Inpainting, UNetInputs::Edit].map(Some);
        assert_eq!(kinds[..3], known);
        assert_eq!(kinds[3..], [None; 3], "depth models, upscalers, nonsense");
    }
}
