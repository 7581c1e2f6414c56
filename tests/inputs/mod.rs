//! Files as they come in the wild and worse, with what the program has to make of each: one table
//! for the command line and for the window.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::{
    ffi::OsString,
    fmt::Write as _,
    fs::File,
    io::{BufWriter, Write as _},
    path::{Path, PathBuf},
};

/// What the program has to make of an input.
pub enum Expected {
    /// A message with the file's name and all of these words.
    Refused(&'static [&'static str]),
    /// So many points, after so many rows were dropped.
    Loads { points: usize, dropped: usize },
}
use Expected::{Loads, Refused};

type Make = Box<dyn Fn(&Path) + Send>;

/// One input.
pub struct Input {
    pub name: &'static str,
    /// The name of the file in its folder, or a path of its own.
    pub file: OsString,
    make: Make,
    pub expected: Expected,
}

impl Input {
    /// Puts the input into `folder` and returns its path.
    pub fn put(&self, folder: &Path) -> PathBuf {
        let path = folder.join(&self.file);
        (self.make)(&path);
        path
    }

    /// How a message writes the file's name.
    pub fn shown(&self) -> String {
        sigmascope::escape::escaped(&self.file.to_string_lossy())
    }
}

/// The whole table.
pub fn inputs() -> Vec<Input> {
    let mut all: Vec<Input> = texts().into_iter().chain(arrays()).collect();
    all.extend([
        made("a row of 100 MB", "a-row-of-100-mb.csv", Refused(&["line 2", "16.0 MiB"]), |path| {
            repeated(path, b"x,y\n1,2\n", b"7", 100 << 20);
        }),
        made(
            "100 MB of commas",
            "commas.csv",
            Refused(&["after line 0", "1048576 separators"]),
            |path| {
                repeated(path, b"", b",", 100 << 20);
            },
        ),
        made(
            "16 MB of commas",
            "fields.csv",
            Refused(&["after line 0", "1048576 separators"]),
            |path| {
                repeated(path, b"", b",", 16_000_000);
            },
        ),
        made("100 MB of spaces", "spaces.csv", Refused(&["after line 0", "16.0 MiB"]), |path| {
            repeated(path, b"", b" ", 100 << 20);
        }),
        made(
            "100 MB without a closing quote",
            "quote.csv",
            Refused(&["line 1", "quote"]),
            |path| {
                repeated(path, b"x,y\n\"", b"1,2\n", 100 << 20);
            },
        ),
        made("a name of 15 MB", "long-name.csv", Loads { points: 1, dropped: 0 }, |path| {
            repeated(path, b"\"a\nb\",", b"x", 15 << 20);
            let mut file = File::options().append(true).open(path).expect("the file");
            file.write_all(b"\n1,2\n").expect("room for a file");
        }),
        made("100 MB of line ends", "line-ends.csv", Refused(&["empty"]), |path| {
            repeated(path, b"", b"\r\n", 100 << 20);
        }),
        made("100 MB of line ends in quotes", "q.csv", Refused(&["line 2", "16.0 MiB"]), |path| {
            repeated(path, b"x,y\n1,2\n3,\"", b"\n", 100 << 20);
        }),
        made("20 MB of line ends at the end", "end.csv", Loads { points: 2, dropped: 0 }, |path| {
            repeated(path, b"x,y\n1,2\n3,4\n", b"\n", 20 << 20);
        }),
        made("a folder", "folder.csv", Refused(&["a folder", "plain file"]), |path| {
            std::fs::create_dir(path).expect("a folder");
        }),
        made("nothing there", "missing.csv", Refused(&["cannot open"]), |_| ()),
        made(
            "a folder of that name is not there",
            "no/such.csv",
            Refused(&["cannot open"]),
            |_| (),
        ),
    ]);
    #[cfg(unix)]
    all.extend(unix());
    all
}

/// Writes `head`, then `piece` over and over until so many bytes are there.
fn repeated(path: &Path, head: &[u8], piece: &[u8], size: usize) {
    let block = piece.repeat((1 << 16) / piece.len());
    let mut file = BufWriter::new(File::create(path).expect("a file"));
    file.write_all(head).expect("room for a file");
    let mut rest = size;
    while rest > 0 {
        let part = rest.min(block.len());
        file.write_all(&block[..part]).expect("room for a file");
        rest -= part;
    }
    file.flush().expect("room for a file");
}

fn made(
    name: &'static str,
    file: impl Into<OsString>,
    expected: Expected,
    make: impl Fn(&Path) + Send + 'static,
) -> Input {
    Input { name, file: file.into(), make: Box::new(make), expected }
}

/// A file with this content, named after the row.
fn file(name: &'static str, kind: &str, content: impl Into<Vec<u8>>, expected: Expected) -> Input {
    let content = content.into();
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let file: String = name.chars().map(plain).chain(['.']).chain(kind.chars()).collect();
    made(name, file, expected, move |path| std::fs::write(path, &content).expect("a file"))
}

fn texts() -> Vec<Input> {
    let csv = |name, content: &str, expected| file(name, "csv", content, expected);
    let raw = |name, content: Vec<u8>, expected| file(name, "csv", content, expected);
    let two = || Loads { points: 2, dropped: 0 };
    let utf16 = |little: bool| -> Vec<u8> {
        let bytes = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
        "\u{feff}x,y\n1.5,2\n3,4\n".encode_utf16().flat_map(bytes).collect()
    };
    let wide = |count: usize| -> String {
        let row = |from: usize| (from..from + count).map(|k| format!("{k}.5")).collect::<Vec<_>>();
        format!("{}\n{}\n", row(0).join(","), row(7).join(","))
    };
    let mut noise = super::common::uniform(77);
    let noise: Vec<u8> = (0..100_000).map(|_| (noise() * 256.0) as u8).collect();
    let mut printable = super::common::uniform(78);
    let printable: Vec<u8> = (0..5000).map(|_| 33 + (printable() * 94.0) as u8).collect();
    let mut late = String::from("x,y\n");
    for k in 0..70_000 {
        writeln!(late, "{k},{}", if k == 69_998 { "oops" } else { "1" }).expect("a string");
    }
    vec![
        csv("empty", "", Refused(&["empty"])),
        csv("only line ends", "\r\n\n\r", Refused(&["empty"])),
        raw("only a UTF-8 mark", vec![0xef, 0xbb, 0xbf], Refused(&["empty"])),
        raw("only a UTF-16 mark", vec![0xff, 0xfe], Refused(&["empty"])),
        raw("half a UTF-16 unit", vec![0xfe, 0xff, 0x00], Refused(&["expected"])),
        csv("header only", "x,y\n", Refused(&["one row of names and nothing below"])),
        csv("one column", "x\n1\n2\n", two()),
        csv("ragged", "x,y\n1,2\n3,4,5\n", Refused(&["line 3", "3 fields", "expected"])),
        csv("short", "x,y\n1,2\n3\n", Refused(&["line 3", "1 field", "2 fields"])),
        csv("unbalanced quote", "x,y\n1,2\n\"3,4\n5,6\n", Refused(&["line 3", "quote"])),
        csv("quote at the end", "x,y\n1,2\n3,\"", Refused(&["line 3", "quote"])),
        csv(
            "quote that swallows rows",
            "x,y,name\n1,2,a\n3,4,\"b\n5,6,c\n7,8,d\n",
            Refused(&["line 3", "quote", "not closed"]),
        ),
        csv("quotes that hold lines", "x,y,name\n1,2,\"a\nb\"\n3,4,\"c\n\n\"", two()),
        csv("UTF-8 mark", "\u{feff}x,y\n1,2\n3,4\n", two()),
        raw("UTF-16 LE", utf16(true), two()),
        raw("UTF-16 BE", utf16(false), two()),
        csv("CR", "x,y\r1,2\r3,4\r", two()),
        csv("CRLF", "x,y\r\n1,2\r\n3,4\r\n", two()),
        csv("no final line end", "x,y\n1,2\n3,4", two()),
        csv("semicolons", "x;y\n1;2\n3;4\n", two()),
        csv("tabs", "x\ty\n1\t2\n3\t4\n", two()),
        csv("spaces", "x y\n1  2\n 3 4 \n", two()),
        csv("decimal commas", "x;y\n1,5;2,25\n3,5;4\n", two()),
        csv("thousands", "x;y\n1,234,567.5;2\n3;4\n", two()),
        csv("thousands in quotes", "x,y\n\"1,234.5\",2\n3,4\n", two()),
        csv("thousands or not", "x;y\n1,234;5\n", Refused(&["line 2", "'1,234'", "1.234 or 1234"])),
        csv("both decimal marks", "x;y\n1.5;2\n2,5;1\n", Refused(&["line 2", "line 3", "decimal"])),
        csv("text only", "name,town\nAnna,Rom\nOtto,Ulm\n", Refused(&["'Anna'", "numbers"])),
        csv("a letter in a number", "x,y\n1,2\n3,4\n5,6o\n", Refused(&["line 4", "'y'", "'6o'"])),
        csv("a word after 70,000 rows", &late, Loads { points: 69_999, dropped: 1 }),
        csv(
            "gaps",
            "x,y\n1,2\nNA,1\n,1\nnan,1\n1,inf\n-inf,2\n3,4\n",
            Loads { points: 2, dropped: 5 },
        ),
        csv("gaps only", "x,y\n,2\n3,\nNA,1\n", Refused(&["rows", "'x', 'y'"])),
        csv("1e308", "x,y\n1e308,0\n-1e308,0\n", Refused(&["line 2", "line 3", "'x'", "1e18"])),
        csv("1e309", "x,y\n1,2\n1e309,1\n3,4\n", Loads { points: 2, dropped: 1 }),
        csv("an outlier", "x,y\n1,2\n3,1e30\n3,4\n", Refused(&["line 3", "'y'", "1e30", "1e18"])),
        csv("all equal", "x,y\n1,2\n1,2\n1,2\n", Loads { points: 3, dropped: 0 }),
        csv("one point", "x,y\n1,2\n", Loads { points: 1, dropped: 0 }),
        csv("far away", "x,y\n1000000000.1,-1000000000.2\n1000000000.4,-1e9\n", two()),
        csv("zero bytes", "x,y\n1,2\n3,\0\n", Refused(&["zero byte", "expected a file of points"])),
        raw("noise", noise, Refused(&["expected"])),
        raw("printable noise", printable, Refused(&["expected"])),
        csv("10,000 columns", &wide(10_000), two()),
        csv("100,001 columns", &wide(100_001), Refused(&["100001 columns", "at most 100000"])),
        csv("duplicate names", "x,x,x\n1,2,3\n4,5,6\n", two()),
        csv("numbers for names", "1,2\n3,4\n5,6\n", Loads { points: 3, dropped: 0 }),
        csv("years for names", "year,2019,2020\n1,2,3\n4,5,6\n", two()),
        csv("names without a letter", "\"\",\"\"\n1,2\n3,4\n", Loads { points: 2, dropped: 1 }),
        csv("HTML", "<html>\n<p>Not found</p>\n", Refused(&["expected"])),
        csv("JSON", "{\"x\": [1, 2],\n \"y\": [3, 4]}\n", two()),
        csv("a zip archive", "PK\x03\x04rest", Refused(&["zip", "extract"])),
    ]
}

/// An NPY file of version 1.0; the header is padded as `NumPy` does.
pub fn npy(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}");
    let padding = " ".repeat((64 - (header.len() + 11) % 64) % 64);
    let header = format!("{header}{padding}\n");
    let length = (header.len() as u16).to_le_bytes();
    [b"\x93NUMPY\x01\x00", &length[..], header.as_bytes(), data].concat()
}

fn arrays() -> Vec<Input> {
    let npy = |name, descr: &str, shape: &str, size: usize, expected| {
        file(name, "npy", npy(descr, "False", shape, &vec![0; size]), expected)
    };
    let raw = |name, content: Vec<u8>, expected| file(name, "npy", content, expected);
    let three = || Loads { points: 3, dropped: 0 };
    let doubles: Vec<u8> = (0..6).flat_map(|k| f64::from(k).to_be_bytes()).collect();
    let outlier: Vec<u8> =
        [1.0, 2.0, f64::NAN, 0.0, 3.0, 1e30].iter().flat_map(|v: &f64| v.to_le_bytes()).collect();
    vec![
        npy("objects", "'|O'", "(3, 2)", 60, Refused(&["Python objects (a pickle)"])),
        npy(
            "a billion rows",
            "'<f8'",
            "(1000000000, 2)",
            48,
            Refused(&["176 bytes", "16000000128"]),
        ),
        raw(
            "a header of 4 GiB",
            b"\x93NUMPY\x02\x00\xf0\xff\xff\xff{'descr': '<f8'".to_vec(),
            Refused(&["header", "4.0 GiB"]),
        ),
        npy("cut short", "'<f8'", "(3, 2)", 47, Refused(&["175 bytes", "176", "cut short"])),
        npy("trailing bytes", "'<f8'", "(3, 2)", 49, Refused(&["177 bytes", "176", "other data"])),
        raw("only the magic", b"\x93NUMPY".to_vec(), Refused(&["header", "6 bytes"])),
        raw("Fortran order", self::npy("'<f8'", "True", "(3, 2)", &[0; 48]), three()),
        raw("big-endian", self::npy("'>f8'", "False", "(3, 2)", &doubles), three()),
        npy("half precision", "'<f2'", "(3, 2)", 12, three()),
        npy("f4", "'<f4'", "(3, 2)", 24, three()),
        npy("i1", "'|i1'", "(3, 2)", 6, three()),
        npy("i2", "'<i2'", "(3, 2)", 12, three()),
        npy("i4", "'<i4'", "(3, 2)", 24, three()),
        npy("i8", "'<i8'", "(3, 2)", 48, three()),
        npy("u1", "'|u1'", "(3, 2)", 6, three()),
        npy("u2", "'<u2'", "(3, 2)", 12, three()),
        npy("u4", "'<u4'", "(3, 2)", 24, three()),
        npy("u8", "'<u8'", "(3, 2)", 48, three()),
        npy("bool", "'|b1'", "(3, 2)", 6, three()),
        npy("64 columns", "'<f4'", "(3, 64)", 768, three()),
        npy("65 columns", "'<f4'", "(3, 65)", 780, Refused(&["65 columns", "at most 64"])),
        npy("f16", "'<f16'", "(3, 2)", 96, Refused(&["'<f16'", "floats"])),
        npy("complex", "'<c16'", "(3, 2)", 96, Refused(&["complex numbers"])),
        npy("strings", "'<U4'", "(3, 2)", 96, Refused(&["text", "integers or floats"])),
        npy("dates", "'<M8[s]'", "(3, 2)", 48, Refused(&["dates"])),
        npy("records", "[('x', '<f4'), ('y', '<f4')]", "(3,)", 24, three()),
        npy("records of text", "[('x', '<U4')]", "(3,)", 48, Refused(&["no column of numbers"])),
        npy("no axis", "'<f8'", "()", 8, Refused(&["shape ()", "(n, d)"])),
        npy("one axis", "'<f8'", "(6,)", 48, Loads { points: 6, dropped: 0 }),
        npy("three axes", "'<f8'", "(3, 2, 1)", 48, Refused(&["3 axes", "(n, d)"])),
        npy("no rows", "'<f8'", "(0, 2)", 0, Refused(&["empty", "shape (0, 2)"])),
        npy("no columns", "'<f8'", "(3, 0)", 0, Refused(&["empty", "shape (3, 0)"])),
        npy("10^18 rows of nothing", "'<f8'", "(1000000000000000000, 0)", 0, Refused(&["empty"])),
        npy("a negative shape", "'<f8'", "(-3, 2)", 48, Refused(&["header", "negative"])),
        npy(
            "an overflowing shape",
            "'<f8'",
            "(9223372036854775807, 9223372036854775807)",
            0,
            Refused(&["header", "beyond 64 bits"]),
        ),
        npy("more than 64 bits", "'<f8'", "(99999999999999999999, 2)", 0, Refused(&["header"])),
        raw(
            "an outlier in an array",
            self::npy("'<f8'", "False", "(3, 2)", &outlier),
            Refused(&["row 2", "'x2'", "1e30", "1e18"]),
        ),
    ]
}

#[cfg(unix)]
fn unix() -> Vec<Input> {
    use std::os::unix::{ffi::OsStringExt, fs::PermissionsExt, fs::symlink};

    let mut all = vec![
        made("a broken link", "broken.csv", Refused(&["cannot open"]), |path| {
            symlink("nowhere.csv", path).expect("a link");
        }),
        made("a circular link", "circular.csv", Refused(&["cannot open"]), |path| {
            symlink(path, path).expect("a link");
        }),
        made("a link to a device", "link.csv", Refused(&["a device", "plain file"]), |path| {
            symlink("/dev/zero", path).expect("a link");
        }),
        made("/dev/zero", "/dev/zero", Refused(&["a device", "plain file"]), |_| ()),
        made("a pipe", "pipe.csv", Refused(&["a pipe", "plain file"]), |path| {
            let made = std::process::Command::new("mkfifo").arg(path).status();
            assert!(made.expect("mkfifo runs").success());
        }),
        made("a socket", "socket.csv", Refused(&["a socket", "plain file"]), |path| {
            drop(std::os::unix::net::UnixListener::bind(path).expect("a socket"));
        }),
        made(
            "a name that is not UTF-8",
            OsString::from_vec(b"good\xff.csv".to_vec()),
            Loads { points: 1, dropped: 0 },
            |path| std::fs::write(path, "x,y\n1,2\n").expect("a file"),
        ),
        made(
            "a name that steers a terminal",
            "two\nlines \u{1b}[31m.csv",
            Refused(&["line 3"]),
            |path| std::fs::write(path, "x,y\n1,2\n3\n").expect("a file"),
        ),
        made(
            "a bad file whose name is not UTF-8",
            OsString::from_vec(b"bad\xff.csv".to_vec()),
            Refused(&["line 3"]),
            |path| std::fs::write(path, "x,y\n1,2\n3\n").expect("a file"),
        ),
    ];
    // The rights of a file do not hold back the superuser.
    let probe = tempfile::NamedTempFile::new().expect("a file");
    let none = std::fs::Permissions::from_mode(0o000);
    std::fs::set_permissions(probe.path(), none.clone()).expect("rights are ours to change");
    if File::open(probe.path()).is_ok() {
        eprintln!("note: an unreadable file is not tried: the superuser may read all");
    } else {
        all.push(made("unreadable", "secret.csv", Refused(&["cannot open"]), move |path| {
            std::fs::write(path, "x,y\n1,2\n").expect("a file");
            std::fs::set_permissions(path, none.clone()).expect("rights are ours to change");
        }));
    }
    all
}
