"""`make demo`: real calls on real servers, shown as they become cases, work orders, offers and visits."""
