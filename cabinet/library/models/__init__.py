"""Materials with their versions, and collections of them."""

from cabinet.library.models.collection import Collection, CollectionItem, CollectionQuerySet
from cabinet.library.models.material import Material, MaterialQuerySet
from cabinet.library.models.version import MaterialVersion

__all__ = ["Collection", "CollectionItem", "CollectionQuerySet", "Material", "MaterialQuerySet", "MaterialVersion"]
