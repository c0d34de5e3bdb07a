use super::*;

/// The UP5K module, 32 lanes.
const UP5K: Capacity = Capacity {
    words: 4096,
    list_entries: 2048,
    inputs: 2730,
    hidden_entries: 2048,
    mask_words: 512,
    code_words: 64,
    max_classes: 64,
    max_layers: 4,
    results: 64,
    slices: 1,
};

fn stack(inputs: usize, columns: &[usize], classes: usize) -> Result<NetworkConfig, ConfigError> {
    let mut layers = [LayerConfig::default(); 8];
    let mut inputs = inputs;
    for (l, &columns) in layers.iter_mut().zip(columns) {
        *l = LayerConfig { inputs, columns, shift: 5 };
        inputs = columns;
    }
    NetworkConfig::new(&layers[..columns.len()], classes)
}

#[test]
fn ranges() {
    assert!(stack(2730, &[1820], 256).is_ok());
    assert_eq!(stack(5, &[], 1), Err(ConfigError::Layers { count: 0 }));
    assert_eq!(stack(5, &[1; 5], 1), Err(ConfigError::Layers { count: 5 }));
    assert_eq!(stack(2731, &[1], 1), Err(ConfigError::Inputs { layer: 0, inputs: 2731 }));
    assert_eq!(stack(5, &[1, 0], 1), Err(ConfigError::Columns { layer: 1, columns: 0 }));
    assert_eq!(stack(5, &[1], 257), Err(ConfigError::Classes { classes: 257, max: 256 }));
    assert_eq!(stack(5, &[1], 0), Err(ConfigError::Classes { classes: 0, max: 256 }));
    let layers = [
        LayerConfig { inputs: 4, columns: 5, shift: 0 },
        LayerConfig { inputs: 4, columns: 5, shift: 0 },
    ];
    let chain = ConfigError::Chain { layer: 1, inputs: 4, columns: 5 };
    assert_eq!(NetworkConfig::new(&layers, 2), Err(chain));
    let mut config = stack(5, &[1], 2).unwrap();
    assert_eq!(config.set_shift(0, 16), Err(ConfigError::Shift { layer: 0, shift: 16 }));
    assert_eq!(config.set_shift(1, 0), Err(ConfigError::NoSuchLayer { layer: 1, count: 1 }));
}

#[test]
fn label_rows_are_part_of_the_inputs() {
    let config = stack(944, &[128], 10).unwrap().with_label_rows(16).unwrap();
    assert_eq!(config.record_inputs(), 784);
    assert!(config.with_label_rows(95).is_err());
    assert!(config.with_label_rows(usize::MAX).is_err());
    let none = stack(944, &[128], 10).unwrap().with_phases(Phases::OVERLAY);
    assert_eq!(none, Err(ConfigError::NoLabelRows));
    let overlay = config.with_phases(Phases::OVERLAY).unwrap().placement(&UP5K).unwrap();
    assert_eq!((overlay.words, overlay.mask_words, overlay.banks), (3776, 0, 2));
    assert_eq!((overlay.label_base, overlay.label_step), (784 * 4, 16 * 4));
}

#[test]
fn class_bits_round_up() {
    let bits = |classes| stack(5, &[1], classes).unwrap().class_bits();
    assert_eq!([1, 2, 3, 10, 64, 65, 256].map(bits), [0, 1, 2, 4, 6, 7, 8]);
}

#[test]
fn networks_that_fill_a_module() {
    for (inputs, columns) in [(784, 160), (196, 640)] {
        let placed = stack(inputs, &[columns], 10).unwrap().placement(&UP5K).unwrap();
        assert_eq!(placed.words, 3920);
    }
    let wide = stack(784, &[161], 10).unwrap().placement(&UP5K);
    let error = ConfigError::Words { needed: 4704, available: 4096, layer: 0, columns: 160 };
    assert_eq!(wide, Err(error));
    assert!(error.to_string().ends_with("layer 0 fits with at most 160 columns"), "{error}");
    let tall = stack(2000, &[96], 10).unwrap().placement(&Capacity { words: 1999, ..UP5K });
    assert!(matches!(tall, Err(ConfigError::Words { columns: 0, .. })));
}

#[test]
fn a_layer_can_be_as_wide_as_the_module() {
    let all = [(784, 10, 160), (196, 10, 640), (512, 64, 256), (64, 10, 1024), (1, 1, 1792)];
    for (inputs, classes, columns) in all {
        assert_eq!(UP5K.most_columns(inputs, classes), Ok(columns), "{inputs} inputs");
        let wider = stack(inputs, &[columns + 32], classes).map(|n| n.placement(&UP5K));
        assert!(!matches!(wider, Ok(Ok(_))), "{inputs} inputs");
    }
    let four = Capacity { words: 4096 + 3, slices: 4, ..UP5K };
    assert_eq!(four.most_columns(1024, 10), Ok(128));
    let classes = Err(ConfigError::Classes { classes: 65, max: UP5K.max_classes });
    assert_eq!(UP5K.most_columns(10, 65), classes);
    let text = UP5K.most_columns(10, 65).unwrap_err().to_string();
    assert!(text.contains("65 classes, this module takes 64"), "{text}");
}

#[test]
fn what_a_larger_module_would_take() {
    let too_small = |inputs, columns, classes| {
        let network = stack(inputs, &[columns], classes);
        network.and_then(|n| n.placement(&UP5K)).unwrap_err().wants_larger_module()
    };
    assert!(too_small(784, 161, 10) && too_small(784, 32, 65));
    let illegal = [(0, 32, 10), (2731, 32, 10), (784, 9000, 10), (784, 32, 257)];
    assert!(!illegal.iter().any(|&(i, columns, classes)| too_small(i, columns, classes)));
}

#[test]
fn layers_lie_behind_each_other() {
    let config = stack(100, &[70, 33, 5], 10).unwrap();
    let placed = config.placement(&UP5K).unwrap();
    let at =
        |stride, base, mask_base, code_base| LayerPlacement { stride, base, mask_base, code_base };
    assert_eq!(placed.layers(), [at(3, 0, 0, 0), at(2, 300, 48, 3), at(1, 440, 80, 5)]);
    assert_eq!((placed.words, placed.mask_words, placed.code_bank), (473, 96, 6));
    assert_eq!((placed.banks, placed.class_bits), (1, 4));
    let pairs = config.with_phases(Phases::PAIR | Phases::SINGLE).unwrap();
    let placed = pairs.placement(&UP5K).unwrap();
    assert_eq!((placed.banks, placed.mask_words), (2, 0));
}

#[test]
fn rows_start_at_multiples_of_the_slices() {
    let two = Capacity { slices: 2, ..UP5K };
    let placed = stack(100, &[70, 33, 5], 10).unwrap().placement(&two).unwrap();
    let strides: Vec<_> = placed.layers().iter().map(|l| l.stride).collect();
    assert_eq!(strides, [4, 2, 2]);
    let wide = stack(1000, &[65], 10).unwrap().placement(&Capacity { words: 3999, ..two });
    let error = ConfigError::Words { needed: 4000, available: 3999, layer: 0, columns: 64 };
    assert_eq!(wide, Err(error));
}

#[test]
fn other_memories_that_are_too_small() {
    let config = stack(10, &[200, 100], 10).unwrap();
    let masks = Capacity { mask_words: 100, ..UP5K };
    let error = ConfigError::MaskWords { needed: 176, available: 100, layer: 1, columns: 0 };
    assert!(matches!(config.placement(&masks), Err(ConfigError::MaskWords { needed: 176, .. })));
    assert!(error.to_string().contains("no column count"));
    let codes = Capacity { code_words: 10, ..UP5K };
    assert!(matches!(config.placement(&codes), Err(ConfigError::CodeWords { needed: 11, .. })));
    let hidden = config.placement(&Capacity { hidden_entries: 8, ..UP5K });
    let text = hidden.unwrap_err().to_string();
    assert!(text.contains("fits with at most 8 columns"), "{text}");
    let layers = config.placement(&Capacity { max_layers: 1, ..UP5K });
    assert_eq!(layers, Err(ConfigError::ModuleLayers { layers: 2, max: 1 }));
    let inputs = config.layers()[1].inputs;
    let wide = config.placement(&Capacity { inputs: inputs - 1, ..UP5K });
    let error = ConfigError::ModuleInputs { layer: 1, inputs, max: inputs - 1 };
    assert_eq!(wide, Err(error));
    assert!(config.placement(&Capacity { inputs, ..UP5K }).is_ok());
    let classes = config.placement(&Capacity { max_classes: 9, ..UP5K });
    assert_eq!(classes, Err(ConfigError::Classes { classes: 10, max: 9 }));
}

#[test]
fn constants_of_the_rule() {
    for train in [TrainConfig::IMAGES, TrainConfig::CALLS, TrainConfig::TEXT, TrainConfig::OVERLAY]
    {
        assert_eq!(train.check(), Ok(()));
    }
    let hot = TrainConfig { temperature: 13, ..TrainConfig::IMAGES };
    assert_eq!(hot.check(), Err(ConfigError::Temperature { exponent: 13 }));
    let theta = TrainConfig { theta: 1 << 20, ..TrainConfig::IMAGES };
    assert_eq!(theta.check(), Err(ConfigError::Theta { theta: 1 << 20 }));
    let fast = TrainConfig { first_shift: 11, ..TrainConfig::IMAGES };
    assert_eq!(fast.check(), Err(ConfigError::RateShift { shift: 11 }));
}

#[test]
fn prints_its_shape() {
    let config = stack(944, &[128, 64], 10).unwrap().with_label_rows(16).unwrap();
    assert_eq!(config.to_string(), "784-128-64, 10 classes, 16 label rows each");
}
