//! Damaged files of each format: points or an error, never an end of the program.

mod damage;

#[test]
fn arrays() {
    let mut good =
        b"\x93NUMPY\x01\x00\x46\x00{'descr': '<f8', 'fortran_order': False, 'shape': (20, 2), }"
            .to_vec();
    good.resize(79, b' ');
    good.push(b'\n');
    good.extend((0..40).flat_map(|k| f64::from(k).to_le_bytes()));
    damage::survives("points.npy", &good, 3000);
}

#[test]
fn text() {
    let rows: String = (0..50).map(|k| format!("{k},{}.5,n{k}\n", k * k)).collect();
    damage::survives("points.csv", format!("a,b,c\n{rows}").as_bytes(), 3000);
}
