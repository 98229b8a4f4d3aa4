//! The hot kernels at Stable Diffusion 1.5's shapes (one guided 512×512 picture). `cargo bench`.

use criterion::{Criterion, criterion_group, criterion_main};
use underpaint::kernels::{AttentionShape, ConvShape, Edges, Packed, attention, conv2d, group_norm, linear};

fn numbers(count: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * 7919) % 1009) as f32 / 504.5 - 1.0).collect()
}

fn packed(outputs: usize, inputs: usize, taps: usize) -> Packed {
    Packed::new(&numbers(outputs * inputs * taps), outputs, inputs, taps).expect("the lengths fit")
}

fn convolutions(c: &mut Criterion) {
    for (side, channels) in [(64, 320), (32, 640), (16, 1280), (8, 1280)] {
        let weights = packed(channels, channels, 9);
        let x = numbers(2 * side * side * channels);
        let shape = ConvShape {
            images: 2,
            height: side,
            width: side,
            kernel: 3,
            stride: 1,
            edges: Edges::Even(1),
            double: false,
        };
        c.bench_function(&format!("3x3 convolution, 2x{side}x{side}, {channels} channels"), |b| {
            b.iter(|| conv2d(&x, &weights, None, None, &shape));
        });
    }
}

fn products(c: &mut Criterion) {
    for (rows, inputs, outputs) in [(8192, 320, 2560), (2048, 640, 5120), (512, 1280, 10240)] {
        let weights = packed(outputs, inputs, 1);
        let x = numbers(rows * inputs);
        c.bench_function(&format!("linear layer, {rows} rows, {inputs} to {outputs}"), |b| {
            b.iter(|| linear(&x, &weights, None, None));
        });
    }
}

fn looks(c: &mut Criterion) {
    for (depth, queries, keys) in [(40, 4096, 4096), (40, 4096, 77), (80, 1024, 1024)] {
        let shape = AttentionShape { batch: 2, heads: 8, depth, queries, keys };
        let (q, k) = (numbers(2 * queries * 8 * depth), numbers(2 * keys * 8 * depth));
        c.bench_function(&format!("attention, {queries} queries, {keys} keys, 8 heads of {depth}"), |b| {
            b.iter(|| attention(&q, &k, &k, &shape));
        });
    }
}

fn norms(c: &mut Criterion) {
    let (x, gain) = (numbers(2 * 4096 * 320), numbers(320));
    c.bench_function("group norm and SiLU, 2x64x64, 320 channels", |b| {
        b.iter(|| group_norm(&x, 2, 32, &gain, &gain, 1e-5, true));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = convolutions, products, looks, norms
}
criterion_main!(benches);
