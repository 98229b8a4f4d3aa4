"""Training of underpaint's starter model: data, autoencoder, diffusion, export."""
