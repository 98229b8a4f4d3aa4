//! The files of the model.

use std::path::PathBuf;

use crate::engine::ModelChoice;

/// Commands that choose the files of the model.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelCommand {
    /// Ask for a checkpoint file.
    ChooseFile,
    /// Ask for a model folder in the diffusers layout.
    ChooseFolder,
    /// Use this model from now on.
    Use(ModelChoice),
    /// Stop loading the chosen model and go on with the one in use.
    StopLoading,
    /// Ask for an autoencoder (VAE) file.
    ChooseAutoencoder(AutoencoderUse),
    /// Use this autoencoder; `None` returns to the default.
    UseAutoencoder(AutoencoderUse, Option<PathBuf>),
}

/// What a replacement autoencoder (VAE) is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AutoencoderUse {
    /// Encoding the canvas and decoding the results.
    Results,
    /// Decoding the previews while a picture is made.
    Previews,
}
