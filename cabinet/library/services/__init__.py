"""What happens to materials: offered, taken, returned, put together; links looked after."""
