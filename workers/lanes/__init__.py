"""One evidence lane per module, behind the contract of `workers.types.Lane`."""
