"""JSON: objects on lines or in an array, parsed by Arrow where it can and by Python where it must."""
