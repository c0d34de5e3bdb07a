//! All pictures of the demo in one.

/// Space around each picture.
const GAP: u32 = 16;
/// Height of a title.
const TITLE: u32 = 40;

/// A title and the picture below it.
pub type Part<'a> = (&'a str, &'a str);

/// The pictures below each other, each under its title. They must be SVG with a width and a height.
#[must_use]
pub fn overview(parts: &[Part<'_>]) -> String {
    let mut body = String::new();
    let (mut width, mut y) = (0, GAP);
    for (title, picture) in parts {
        let (w, h) = (attribute(picture, "width"), attribute(picture, "height"));
        let baseline = y + 24;
        body += &format!("<text x=\"{GAP}\" y=\"{baseline}\" font-family=\"sans-serif\" font-size=\"20\" fill=\"#3C3C3C\">{title}</text>\n");
        y += TITLE;
        let inner = picture.find("<svg").map_or("", |at| &picture[at + 4..]);
        body += &format!("<svg x=\"{GAP}\" y=\"{y}\"{inner}\n");
        y += h + GAP;
        width = width.max(w + 2 * GAP);
    }
    format!("<svg width=\"{width}\" height=\"{y}\" viewBox=\"0 0 {width} {y}\" xmlns=\"http://www.w3.org/2000/svg\">\n<rect width=\"{width}\" height=\"{y}\" fill=\"#FFFFFF\"/>\n{body}</svg>\n")
}

/// A number among the attributes of the outermost element, 0 if it is not there.
fn attribute(svg: &str, name: &str) -> u32 {
    let key = format!(" {name}=\"");
    let value = svg.split_once(&key).and_then(|(_, rest)| rest.split_once('"'));
    value.and_then(|(number, _)| number.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_stand_below_each_other() {
        let picture = "<svg width=\"30\" height=\"20\" xmlns=\"x\"><a/></svg>";
        let all = overview(&[("one", picture), ("two", picture)]);
        assert_eq!((attribute(&all, "width"), attribute(&all, "height")), (62, 168));
        assert_eq!(all.matches("<svg").count(), 3);
        assert!(all.contains("<svg x=\"16\" y=\"132\" width=\"30\""), "{all}");
    }
}
