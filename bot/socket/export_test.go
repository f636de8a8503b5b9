package socket

// NewOn is New with a network of the test's own.
func NewOn(cfg Config, dial dialFunc) (*Pool, error) {
	if _, err := New(cfg); err != nil {
		return nil, err
	}
	cfg.setDefaults()
	return newPool(cfg, dial), nil
}
