use std::time::Instant;
use sigmascope::{engine::*, model::*};
fn normal(dim: usize, n: usize, seed: u64) -> Cloud {
    let mut state = seed.wrapping_mul(0x9E37_79B9_7F4A_7C15).wrapping_add(1);
    let mut random = move || { state = state.wrapping_add(0x9E37_79B9_7F4A_7C15); let mut z = state; z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9); z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB); ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64 };
    let mut c: Vec<f64> = (0..(n*dim).div_ceil(2)).flat_map(|_| { let r = (-2.0*(1.0-random()).ln()).sqrt(); let (s,co)=(std::f64::consts::TAU*random()).sin_cos(); [r*co, r*s] }).collect();
    c.truncate(n*dim); Cloud::new(dim, c, Cloud::default_axes(dim))
}
fn main() {
    let a: Vec<f64> = std::env::args().skip(1).map(|s| s.parse().unwrap()).collect();
    let (dim, n, tol) = (a[0] as usize, a[1] as usize, a[2]);
    let points = Points::new(normal(dim, n, 1), normal(dim, n, 2)).unwrap();
    for &s in &a[3..] {
        let sigma = Sigma::new(s).unwrap();
        let acc = if tol > 0.5 { Accuracy::Draft } else { Accuracy::Full(Tolerance::new(tol).unwrap()) };
        let mut firsts = vec![]; let mut p = None;
        for _ in 0..3 { let t = Instant::now(); drop(p.take()); let mut q = FastPoints::new(&points).unwrap(); let tn=t.elapsed().as_secs_f64(); let f=q.step(sigma, acc, &mut |_| true).unwrap(); firsts.push((t.elapsed().as_secs_f64(),tn)); p = Some(q); drop(f); }
        let mut p = p.unwrap();
        let mut steps = vec![]; let mut f = None;
        for _ in 0..7 { let t = Instant::now(); f = Some(p.step(sigma, acc, &mut |_| true).unwrap()); steps.push(t.elapsed().as_secs_f64()); }
        steps.sort_by(f64::total_cmp); firsts.sort_by(|a,b| a.0.total_cmp(&b.0));
        let f = f.unwrap();
        // error on sample
        let step = n.div_ceil(300);
        let mut idx: Vec<usize> = (0..n).collect(); idx.sort_by(|a,b| f.values[*a].total_cmp(&f.values[*b]));
        let mut sample: Vec<usize> = (0..n).step_by(step).collect(); sample.extend(&idx[..100]); sample.extend(&idx[n-100..]);
        let low = idx.iter().position(|i| f.values[*i] > 0.01).unwrap_or(0); sample.extend(&idx[low..(low+200).min(n)]);
        let sub = Points::new(points.targets().select(sample.iter().copied()), points.sources().clone()).unwrap();
        let exact = Naive.sum(&Problem{points:&sub, sigma, chunk: 1000}, &mut |_| true).unwrap();
        let max = exact.iter().copied().fold(0.0,f64::max);
        let (mut rel, mut abs) = (0.0f64, 0.0f64);
        for (i,e) in sample.iter().zip(&exact) { let d=(f.values[*i]-e).abs(); abs=abs.max(d/max); if *e>=0.01 { rel=rel.max(d/e);} }
        println!("d{dim} n{n} s{s} {:?} first {:.1} ms (new {:.1}) step {:.2} ms  rel {rel:.1e} max {abs:.1e} bound {:.1e} MB {} {}", f.method, firsts[1].0*1e3, firsts[1].1*1e3, steps[3]*1e3, f.error_bound, p.bytes()>>20, f.why);
    }
}
